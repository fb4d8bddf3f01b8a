package dev.neurath.agent.handover;

import dev.neurath.model.Generation;
import dev.neurath.model.VmId;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where one attempt's sockets are. Every name contains the tag, which is never used again: a left-over of an earlier attempt cannot be taken for this
 * one's.
 *
 * @param tag stands in the new QEMU's command line
 * @param control the agent's own QMP socket of the new QEMU; strays are found by it
 * @param stream where the new QEMU listens for the state
 * @param channel where it listens for memory and descriptors (cpr-transfer)
 */
public record AttemptPaths(String tag, Path control, Path stream, Path channel) {
    /** @param nonce random, so that the same generation after a lost state directory is still another tag */
    public static AttemptPaths of(Path runDirectory, VmId vm, Generation generation, String nonce) {
        return ofTag(runDirectory, vm + "." + generation + "." + nonce);
    }

    public static AttemptPaths ofTag(Path runDirectory, String tag) {
        return new AttemptPaths(
                tag,
                runDirectory.resolve(tag + ".q"),
                runDirectory.resolve(tag + ".s"),
                runDirectory.resolve(tag + ".c"));
    }

    Map<String, Object> streamAddress(Path through) {
        return unix(through);
    }

    static Map<String, Object> unix(Path socket) {
        return Map.of("transport", "socket", "type", "unix", "path", socket.toString());
    }
}
