-- The journal, which is the feed log as well. Rows are inserted and never changed or removed: the feed must not lose what
-- an entity deleted from its own history (see deletion), and the primary key must go on fencing stale writers.
create table neurath.event (
    ord            bigserial not null,
    -- The transaction that wrote the row: (xid, ord) is the feed's total order.
    xid            xid8 not null default pg_current_xact_id(),
    persistence_id text collate "C" not null,
    seq_nr         bigint not null,
    writer         text not null,
    -- Milliseconds since 1970 by the writer's clock; 0 when the writer gave none.
    written_at     bigint not null,
    event_manifest text not null,
    ser_id         integer not null,
    ser_manifest   text not null,
    payload        bytea not null,
    meta_ser_id    integer,
    meta_manifest  text,
    meta           bytea,
    primary key (persistence_id, seq_nr)
);
create index event_feed on neurath.event (xid, ord);

-- What an entity deleted from its own history: everything up to and including this number is not replayed to it.
create table neurath.deletion (
    persistence_id text collate "C" primary key,
    deleted_to     bigint not null
);

create table neurath.snapshot (
    persistence_id text collate "C" not null,
    seq_nr         bigint not null,
    taken_at       bigint not null,
    ser_id         integer not null,
    ser_manifest   text not null,
    payload        bytea not null,
    meta_ser_id    integer,
    meta_manifest  text,
    meta           bytea,
    primary key (persistence_id, seq_nr)
);

-- One row: the founding that the present cluster goes back to. Its lock decides which node founds the next one.
create table neurath.cluster (
    only_row   boolean primary key default true check (only_row),
    founding   uuid,
    founded_at timestamptz,
    -- The fleet whose journal this is; written by its first node.
    fleet      text collate "C"
);
insert into neurath.cluster default values;

create table neurath.node (
    address     text collate "C" primary key,
    incarnation uuid not null,
    -- The founding whose cluster this node founded or is a member of; null while it is looking for one.
    founding    uuid,
    beats       bigint not null default 0,
    seen_at     timestamptz not null default clock_timestamp()
);
