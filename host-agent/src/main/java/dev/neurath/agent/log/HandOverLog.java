package dev.neurath.agent.log;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.agent.log.LogFailure.Reason;
import dev.neurath.agent.log.LogRecord.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the agent has written down about one VM's hand-overs.
 *
 * <p>Invariant: after any crash of the agent it opens with exactly the records whose append returned, and perhaps the one
 * that was being written. Records that must survive the host are synced on disk; those written while a guest stands still are
 * one write() into reserved space on tmpfs, which lives as long as the QEMUs they speak of. Every record carries its number,
 * so one that is missing in the middle is seen. What the records mean is decided elsewhere.
 */
public final class HandOverLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HandOverLog.class);

    /** An attempt writes below 2 KB; the rest is for undoing and repeating. */
    private static final int RESERVED_BYTES = 16 << 10;

    private static final int COMPACT_ABOVE_BYTES = 64 << 10;
    private static final String NO_MEMORY_PART = "";

    private final LogStorage storage;
    private final Path durablePath;
    private final Path memoryPath;
    private final String bootId;
    private final List<Entry> entries = new ArrayList<>();
    private Part durable;
    private Optional<Part> memory = Optional.empty();
    private String memoryToken = NO_MEMORY_PART;
    private Optional<String> damage = Optional.empty();
    private long compactedThrough;

    private record Entry(long number, LogRecord record, String boot) {}

    /** One open file and where its next line goes; what a failed write may have left behind is covered by the next one. */
    private static final class Part {
        final LogFile file;
        long end;
        long leftOver;

        Part(LogFile file, long end) {
            this.file = file;
            this.end = end;
            this.leftOver = end;
        }

        void append(byte[] line) throws IOException {
            byte[] covering = java.util.Arrays.copyOf(line, (int) Math.max(line.length, leftOver - end));
            leftOver = Math.max(leftOver, end + line.length);
            file.write(end, covering);
        }

        void accept(byte[] line) {
            end += line.length;
        }
    }

    private HandOverLog(LogStorage storage, Path durablePath, Path memoryPath, String bootId, Part durable) {
        this.storage = storage;
        this.durablePath = durablePath;
        this.memoryPath = memoryPath;
        this.bootId = bootId;
        this.durable = durable;
    }

    static HandOverLog open(LogStorage storage, Path durablePath, Path memoryPath, String bootId) throws IOException {
        LogFile file = storage.open(durablePath);
        LogLines.Content content = LogLines.read(file.readAll());
        if (content.foreign()) {
            file.close();
            throw LogFailure.unreadable(durablePath + " is not in the form that this agent writes");
        }
        HandOverLog log = new HandOverLog(storage, durablePath, memoryPath, bootId, new Part(file, content.end()));
        if (content.damaged()) {
            log.damage = Optional.of("a record in " + durablePath + " is damaged");
        }
        String lastBoot = bootId;
        for (JsonNode line : content.lines()) {
            if (line.has("compactedThrough")) {
                log.compactedThrough = line.path("compactedThrough").asLong();
                continue;
            }
            try {
                log.entries.add(entry(line));
            } catch (LogFailure e) {
                file.close();
                throw e;
            }
            log.memoryToken = line.path("memory").asText();
            lastBoot = line.path("boot").asText();
        }
        log.clearBehind(content.end());
        if (!lastBoot.equals(bootId)) {
            // What was in memory went with that boot, and what is written now must not speak of it.
            log.memoryToken = NO_MEMORY_PART;
        } else if (!log.memoryToken.equals(NO_MEMORY_PART)) {
            log.openMemory();
            log.findGaps();
        }
        return log;
    }

    /**
     * Whatever stood behind the last valid line was never written, and must not come back in the middle later. An attempt that is open keeps the room that was
     * reserved for its end; if there is none it is brought to its end all the same, and DONE is written again until there is.
     */
    private void clearBehind(long end) throws IOException {
        if (openAttempt().isPresent()) {
            try {
                long behind = Math.max(durable.file.readAll().length - end, RESERVED_BYTES);
                durable.file.write(end, new byte[Math.toIntExact(behind)]);
                durable.file.sync();
                return;
            } catch (IOException e) {
                LOG.warn("No room is reserved for the end of the attempt that is open in {}", durablePath, e);
            }
        }
        durable.file.truncate(end);
    }

    /** Reads no more of the records than their generation. */
    static OptionalLong highest(Path durablePath) {
        try {
            LogLines.Content content = LogLines.read(Files.readAllBytes(durablePath));
            return content.damaged() || content.foreign()
                    ? OptionalLong.empty()
                    : OptionalLong.of(content.lines().stream()
                            .mapToLong(line -> line.path("g").asLong())
                            .max()
                            .orElse(0));
        } catch (NoSuchFileException e) {
            return OptionalLong.of(0);
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    /** In the order in which they were written. */
    public synchronized List<LogRecord> records() {
        return entries.stream().map(Entry::record).toList();
    }

    public synchronized Optional<LogRecord> last() {
        return entries.isEmpty()
                ? Optional.empty()
                : Optional.of(entries.getLast().record());
    }

    /**
     * The highest generation that was ever accepted; 0 when none was. One that ended counts, though its FLOOR may never have been written: on a full disk
     * an attempt can end that could not be begun, and it must not begin after all when there is room.
     */
    public synchronized long floor() {
        return entries.stream()
                .filter(entry ->
                        entry.record().kind() == Kind.FLOOR || entry.record().kind() == Kind.DONE)
                .mapToLong(entry -> entry.record().generation())
                .max()
                .orElse(0);
    }

    /** Says what is missing or unreadable between valid records: the processes must be asked instead (LOG_DAMAGED). */
    public synchronized Optional<String> damage() {
        return damage;
    }

    /** Makes room for one attempt, on disk and in memory; fails with LOG_SPACE and changes nothing that matters. */
    public synchronized void reserve() throws LogFailure {
        try {
            boolean memoryFilled = memory.isPresent() && memory.get().end > RESERVED_BYTES / 2;
            if (durable.end > COMPACT_ABOVE_BYTES || memoryFilled) {
                compact();
            }
            durable.file.write(durable.end, new byte[RESERVED_BYTES]);
            durable.file.sync();
            if (memory.isEmpty()) {
                createMemory(newToken());
            }
        } catch (IOException e) {
            throw new LogFailure(Reason.LOG_SPACE, "no room for an attempt's records of " + durablePath, e);
        }
    }

    /** Returns when the record is safe to the degree that its kind asks for; otherwise it counts as not written. */
    public synchronized void append(LogRecord record) throws LogFailure {
        boolean toDisk = record.kind().durable();
        Entry entry;
        try {
            if (!toDisk && memory.isEmpty()) {
                createMemoryFor(record);
            }
            entry = new Entry(nextNumber(), record, bootId);
            byte[] line = LogLines.line(json(entry));
            Part part = toDisk ? durable : memory.orElseThrow();
            part.append(line);
            if (toDisk) {
                part.file.sync();
            }
            part.accept(line);
        } catch (IOException e) {
            throw new LogFailure(Reason.WRITE_FAILED, record.kind() + " of generation " + record.generation(), e);
        }
        entries.add(entry);
    }

    /** Drops all but the highest FLOOR, the last DONE and whatever came after it. */
    public synchronized void compact() throws LogFailure {
        int lastDone = -1;
        Optional<Entry> floor = Optional.empty();
        for (int i = 0; i < entries.size(); i++) {
            LogRecord record = entries.get(i).record();
            if (record.kind() == Kind.DONE) {
                lastDone = i;
            }
            if (record.kind() == Kind.FLOOR
                    && floor.filter(f -> f.record().generation() >= record.generation())
                            .isEmpty()) {
                floor = Optional.of(entries.get(i));
            }
        }
        if (lastDone < 0) {
            return;
        }
        List<Entry> kept = new ArrayList<>(entries.subList(lastDone, entries.size()));
        floor.filter(entry -> !kept.contains(entry)).ifPresent(entry -> kept.addFirst(entry));
        boolean atRest = entries.subList(lastDone, entries.size()).stream()
                .allMatch(entry ->
                        entry.record().kind().durable() && entry.record().kind() != Kind.BEGIN);
        try {
            rewrite(kept, entries.get(lastDone).number(), atRest);
        } catch (IOException e) {
            throw new LogFailure(Reason.WRITE_FAILED, "compaction of " + durablePath, e);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        durable.file.close();
        if (memory.isPresent()) {
            memory.get().file.close();
        }
    }

    private void rewrite(List<Entry> kept, long through, boolean dropMemory) throws IOException {
        String tokenBefore = memoryToken;
        if (dropMemory) {
            memoryToken = NO_MEMORY_PART;
        }
        Path draft = durablePath.resolveSibling(durablePath.getFileName() + ".new");
        LogFile file = storage.open(draft);
        Part part = new Part(file, 0);
        try {
            file.truncate(0);
            ObjectNode header = LogLines.object();
            header.put("compactedThrough", through);
            write(part, LogLines.line(header));
            for (Entry entry : kept) {
                if (entry.record().kind().durable()) {
                    write(part, LogLines.line(json(entry)));
                }
            }
            file.sync();
            storage.replace(draft, durablePath);
        } catch (IOException e) {
            memoryToken = tokenBefore;
            file.close();
            throw e;
        }
        durable.file.close();
        durable = part;
        compactedThrough = through;
        entries.clear();
        entries.addAll(kept);
        damage = Optional.empty();
        if (dropMemory && memory.isPresent()) {
            memory.get().file.close();
            memory = Optional.empty();
            Files.deleteIfExists(memoryPath);
        }
        // From the move on the new file is the log, synced name or not: what is appended must not go to the old one.
        storage.syncDirectoryOf(durablePath);
    }

    private static void write(Part part, byte[] line) throws IOException {
        part.append(line);
        part.accept(line);
    }

    /**
     * In the middle of an attempt: a part in memory that no record on disk names is not found again. So its FLOOR is written once more, with the name, before the
     * part is there; and where records may be lost it leaves a gap in the numbers, which tells so for ever. An attempt whose BEGIN could not be written on a
     * full disk has nothing there to be found by, and is undone all the same.
     */
    private void createMemoryFor(LogRecord record) throws IOException {
        String before = memoryToken;
        String token = newToken();
        if (openAttempt().isPresent()) {
            memoryToken = token;
            long number = nextNumber() + (damage.isPresent() ? 1 : 0);
            var named = new Entry(number, LogRecord.of(Kind.FLOOR, record.generation()), bootId);
            byte[] line = LogLines.line(json(named));
            try {
                durable.append(line);
                durable.file.sync();
            } catch (IOException e) {
                memoryToken = before;
                throw e;
            }
            durable.accept(line);
            entries.add(named);
        }
        createMemory(token);
    }

    /** The BEGIN that no DONE has followed. */
    private Optional<LogRecord> openAttempt() {
        Optional<LogRecord> begin = Optional.empty();
        for (Entry entry : entries) {
            switch (entry.record().kind()) {
                case BEGIN -> begin = Optional.of(entry.record());
                case DONE -> begin = Optional.empty();
                default -> {}
            }
        }
        return begin;
    }

    private static String newToken() {
        return UUID.randomUUID().toString();
    }

    private void createMemory(String token) throws IOException {
        LogFile file = storage.open(memoryPath);
        try {
            file.truncate(0);
            file.write(0, new byte[RESERVED_BYTES]);
            ObjectNode header = LogLines.object();
            header.put("memory", token);
            Part part = new Part(file, 0);
            write(part, LogLines.line(header));
            memory = Optional.of(part);
            memoryToken = token;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    private void openMemory() throws IOException {
        if (!Files.exists(memoryPath)) {
            damage = Optional.of(memoryPath + " is gone, and with it what was written in a pause");
            return;
        }
        LogFile file = storage.open(memoryPath);
        byte[] bytes = file.readAll();
        LogLines.Content content = LogLines.read(bytes);
        if (content.lines().isEmpty()
                || !content.lines().getFirst().path("memory").asText().equals(memoryToken)) {
            file.close();
            damage = Optional.of(memoryPath + " does not belong to this log");
            return;
        }
        if (content.damaged()) {
            damage = Optional.of("a record in " + memoryPath + " is damaged");
        }
        Part part = new Part(file, content.end());
        part.leftOver = bytes.length;
        memory = Optional.of(part);
        for (JsonNode line : content.lines().subList(1, content.lines().size())) {
            entries.add(entry(line));
        }
        entries.removeIf(entry -> !entry.record().kind().durable() && entry.number() <= compactedThrough);
        entries.sort(Comparator.comparingLong(Entry::number));
    }

    /** Between two records of an earlier boot those are missing that were in memory then: no QEMU is left that they spoke of. */
    private void findGaps() {
        long expected = compactedThrough + 1;
        for (Entry entry : entries) {
            if (!entry.boot().equals(bootId)) {
                expected = Math.max(expected, entry.number() + 1);
            }
            if (entry.number() < expected) {
                continue;
            }
            if (entry.number() > expected && damage.isEmpty()) {
                damage = Optional.of("record " + expected + " of " + durablePath + " is missing");
            }
            expected = entry.number() + 1;
        }
    }

    private long nextNumber() {
        return Math.max(
                        compactedThrough,
                        entries.isEmpty() ? 0 : entries.getLast().number())
                + 1;
    }

    private ObjectNode json(Entry entry) {
        ObjectNode json = LogLines.object();
        json.put("n", entry.number());
        json.put("kind", entry.record().kind().name());
        json.put("g", entry.record().generation());
        json.put("boot", entry.boot());
        json.put("memory", memoryToken);
        ObjectNode details = json.putObject("details");
        entry.record().sortedDetails().forEach(details::put);
        return json;
    }

    private static Entry entry(JsonNode line) throws LogFailure {
        String kind = line.path("kind").asText();
        if (Stream.of(Kind.values()).noneMatch(known -> known.name().equals(kind))) {
            throw LogFailure.unreadable(
                    "record " + line.path("n").asLong() + " is a '" + kind + "', which this agent does not know");
        }
        Map<String, String> details = new LinkedHashMap<>();
        line.path("details")
                .properties()
                .forEach(
                        detail -> details.put(detail.getKey(), detail.getValue().asText()));
        return new Entry(
                line.path("n").asLong(),
                new LogRecord(Kind.valueOf(kind), line.path("g").asLong(), details),
                line.path("boot").asText());
    }
}
