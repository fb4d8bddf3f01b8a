package dev.neurath.agent.os;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Starts a program in a session of its own by posix_spawn.
 *
 * <p>The child inherits stdin from /dev/null, stdout and stderr to one file, and the descriptors that were passed, as 3, 4, …;
 * every other descriptor of ours is closed in it, signal masks and handlers are the default ones. It is a child of this
 * process until that ends, and lives on after it.
 *
 * @param passedFds our descriptors, in the child 3 and up in this order
 */
public record Spawn(
        List<String> argv, Map<String, String> environment, Path directory, Path output, List<Integer> passedFds) {
    // Generous upper bounds of glibc's and musl's opaque structures (80 and 336 bytes in glibc 2.41).
    private static final long ACTIONS_BYTES = 512;
    private static final long ATTRIBUTES_BYTES = 1024;
    private static final long SIGSET_BYTES = 128;
    private static final short SETSIGDEF_SETSIGMASK_SETSID = 0x04 | 0x08 | 0x80;
    private static final int O_WRITE_APPEND_CREATE = 1 | 0x400 | 0x40;
    private static final int FIRST_PASSED_FD = 3;

    private static final FunctionDescriptor POINTER = FunctionDescriptor.of(JAVA_INT, ADDRESS);
    private static final MethodHandle ACTIONS_INIT = Linux.downcall("posix_spawn_file_actions_init", POINTER);
    private static final MethodHandle ACTIONS_DESTROY = Linux.downcall("posix_spawn_file_actions_destroy", POINTER);
    private static final MethodHandle ATTRIBUTES_INIT = Linux.downcall("posix_spawnattr_init", POINTER);
    private static final MethodHandle ATTRIBUTES_DESTROY = Linux.downcall("posix_spawnattr_destroy", POINTER);
    private static final MethodHandle ADD_OPEN = Linux.downcall(
            "posix_spawn_file_actions_addopen",
            FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle ADD_DUP2 = Linux.downcall(
            "posix_spawn_file_actions_adddup2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
    private static final MethodHandle ADD_CLOSEFROM = Linux.downcall(
            "posix_spawn_file_actions_addclosefrom_np", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
    private static final MethodHandle ADD_CHDIR =
            Linux.downcall("posix_spawn_file_actions_addchdir_np", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle SET_FLAGS =
            Linux.downcall("posix_spawnattr_setflags", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_SHORT));
    private static final MethodHandle SET_SIGDEFAULT =
            Linux.downcall("posix_spawnattr_setsigdefault", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
    private static final MethodHandle SPAWN = Linux.downcall(
            "posix_spawn", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));

    public Spawn {
        argv = List.copyOf(argv);
        environment = Map.copyOf(environment);
        passedFds = List.copyOf(passedFds);
    }

    /** The pid of the started program; a program that is missing or not executable fails here. */
    public int start() throws OsFailure {
        try (Arena arena = Arena.ofConfined()) {
            return start(arena);
        } catch (OsFailure e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError("posix_spawn is not callable", e);
        }
    }

    private int start(Arena arena) throws Throwable {
        MemorySegment state = Linux.callState(arena);
        MemorySegment actions = arena.allocate(ACTIONS_BYTES, 16);
        MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, 16);
        check("prepare", (int) ACTIONS_INIT.invokeExact(state, actions));
        check("prepare", (int) ATTRIBUTES_INIT.invokeExact(state, attributes));
        try {
            addActions(arena, state, actions);
            MemorySegment allSignals = arena.allocate(SIGSET_BYTES, 8);
            allSignals.fill((byte) 0xff);
            check("signals", (int) SET_SIGDEFAULT.invokeExact(state, attributes, allSignals));
            check("flags", (int) SET_FLAGS.invokeExact(state, attributes, SETSIGDEF_SETSIGMASK_SETSID));
            MemorySegment pid = arena.allocate(JAVA_INT);
            MemorySegment program = arena.allocateFrom(argv.getFirst());
            List<String> variables = environment.entrySet().stream()
                    .map(e -> e.getKey() + "=" + e.getValue())
                    .sorted()
                    .toList();
            check("start " + argv.getFirst(), (int) SPAWN.invokeExact(
                    state, pid, program, actions, attributes, strings(arena, argv), strings(arena, variables)));
            return pid.get(JAVA_INT, 0);
        } finally {
            check("clean up", (int) ACTIONS_DESTROY.invokeExact(state, actions));
            check("clean up", (int) ATTRIBUTES_DESTROY.invokeExact(state, attributes));
        }
    }

    private void addActions(Arena arena, MemorySegment state, MemorySegment actions) throws Throwable {
        check("stdin", (int) ADD_OPEN.invokeExact(state, actions, 0, arena.allocateFrom("/dev/null"), 0, 0));
        check("stdout", (int) ADD_OPEN.invokeExact(
                state, actions, 1, arena.allocateFrom(output.toString()), O_WRITE_APPEND_CREATE, 0600));
        check("stderr", (int) ADD_DUP2.invokeExact(state, actions, 1, 2));
        int passed = passedFds.size();
        // First copied above every source and target, so that no copy overwrites one that is still to be copied.
        int staging = passedFds.stream().mapToInt(Integer::intValue).max().orElse(0) + FIRST_PASSED_FD + passed;
        for (int i = 0; i < passed; i++) {
            check("descriptor", (int) ADD_DUP2.invokeExact(state, actions, (int) passedFds.get(i), staging + i));
        }
        for (int i = 0; i < passed; i++) {
            check("descriptor", (int) ADD_DUP2.invokeExact(state, actions, staging + i, FIRST_PASSED_FD + i));
        }
        check("closing", (int) ADD_CLOSEFROM.invokeExact(state, actions, FIRST_PASSED_FD + passed));
        check("directory", (int) ADD_CHDIR.invokeExact(state, actions, arena.allocateFrom(directory.toString())));
    }

    private static MemorySegment strings(Arena arena, List<String> values) {
        MemorySegment array = arena.allocate(ADDRESS, values.size() + 1L);
        for (int i = 0; i < values.size(); i++) {
            array.setAtIndex(ADDRESS, i, arena.allocateFrom(values.get(i)));
        }
        array.setAtIndex(ADDRESS, values.size(), MemorySegment.NULL);
        return array;
    }

    private static void check(String attempted, int error) throws OsFailure {
        if (error != 0) {
            throw new OsFailure(attempted, error);
        }
    }
}
