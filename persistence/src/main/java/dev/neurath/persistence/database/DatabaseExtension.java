package dev.neurath.persistence.database;

import org.apache.pekko.actor.AbstractExtensionId;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.ClassicActorSystemProvider;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.Extension;

/** The one {@link Database} of an actor system, opened from {@code neurath.database} and closed with the system. */
public final class DatabaseExtension implements Extension {
    private static final Id ID = new Id();

    private final Database database;

    private DatabaseExtension(ExtendedActorSystem system) {
        this.database =
                Database.open(DatabaseSettings.from(system.settings().config().getConfig("neurath.database")));
        system.getWhenTerminated().thenRun(database::close);
    }

    public static Database databaseOf(ClassicActorSystemProvider system) {
        return ID.get(system).database;
    }

    private static final class Id extends AbstractExtensionId<DatabaseExtension> {
        @Override
        public DatabaseExtension createExtension(ExtendedActorSystem system) {
            return new DatabaseExtension(system);
        }

        @Override
        public DatabaseExtension get(ActorSystem system) {
            return super.get(system);
        }
    }
}
