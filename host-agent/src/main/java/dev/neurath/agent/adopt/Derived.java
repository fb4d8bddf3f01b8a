package dev.neurath.agent.adopt;

import java.util.List;

/**
 * What another QEMU has to be started with to build the machine that a running one has built; release, control socket and the incoming side are the
 * starter's to add.
 *
 * @param publicPaths sockets and files that others know, in argv's order: bound under another name as long as the running one has them
 * @param carried descriptors that it needs, in the order of their numbers
 * @param ownOutput it writes to its own standard output, which has to be the running one's
 */
public record Derived(List<Argument> arguments, List<String> publicPaths, List<Carried> carried, boolean ownOutput) {
    /** A word of the command line, which depends on where it is bound. */
    interface Argument {
        String text(Binding binding);
    }

    /** Where one start puts what is not the same at every start. */
    public interface Binding {
        /** @return the name to bind instead of a public path */
        String bound(String publicPath);

        /** @return the number that a carried descriptor has in the new process */
        int fd(int index);
    }

    /** A descriptor of the running QEMU, as it was told of it. */
    public sealed interface Carried {
        /** It inherited this number. */
        record Inherited(int fd) implements Carried {}

        /**
         * It opened a tap device itself.
         *
         * @param device name; empty if it was left to the kernel, or to a helper
         */
        record Tap(String device) implements Carried {}
    }

    public Derived {
        arguments = List.copyOf(arguments);
        publicPaths = List.copyOf(publicPaths);
        carried = List.copyOf(carried);
    }

    public List<String> bind(Binding binding) {
        return arguments.stream().map(argument -> argument.text(binding)).toList();
    }
}
