package dev.neurath.agent.adopt;

import dev.neurath.agent.qemu.ThrowAwayArgv.Backend;
import dev.neurath.agent.qemu.ThrowAwayArgv.NotPossible;
import dev.neurath.agent.qemu.ThrowAwayArgv.StandIns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;

/**
 * The memory of a running QEMU that somebody else started, for a throw-away that writes into copies of its own. That it is mapped so is to be seen afterwards.
 *
 * @param root whether the throw-away may make network devices
 */
public record PrivateCopies(boolean root) implements StandIns {
    private static final Path TUN = Path.of("/dev/net/tun");

    @Override
    public Path memory(Backend backend) throws NotPossible {
        if (backend.path().isEmpty()) {
            // QEMU leaves out of its stream only what lies in a named file: the whole of it would come with the state.
            throw new NotPossible("memory '%s' lies in a file without a name".formatted(backend.id()));
        }
        if (!Set.of("", "0").contains(backend.offset())) {
            throw new NotPossible("memory '%s' begins in the middle of a file".formatted(backend.id()));
        }
        return Path.of(backend.path());
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    public boolean taps() {
        return root && Files.isWritable(TUN);
    }
}
