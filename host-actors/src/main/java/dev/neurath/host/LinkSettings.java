package dev.neurath.host;

import com.typesafe.config.Config;
import dev.neurath.model.vm.VmOrder;
import java.time.Duration;

/** Section {@code neurath.agent-link} of the configuration; reference.conf says what each value means and where it came from. */
public record LinkSettings(
        Duration heartbeatInterval,
        Duration silenceLimit,
        Duration helloTimeout,
        int queueLimit,
        Duration startBeforeStart,
        Duration startBeforeStop,
        Duration startBeforePrepare,
        Duration startBeforeSwitch,
        Duration startBeforeResolve) {

    /** @param config the whole configuration */
    public static LinkSettings of(Config config) {
        Config link = config.getConfig("neurath.agent-link");
        return new LinkSettings(
                link.getDuration("heartbeat-interval"),
                link.getDuration("silence-limit"),
                link.getDuration("hello-timeout"),
                link.getInt("queue-limit"),
                link.getDuration("start-before.start"),
                link.getDuration("start-before.stop"),
                link.getDuration("start-before.prepare"),
                link.getDuration("start-before.switch"),
                link.getDuration("start-before.resolve"));
    }

    Duration startBefore(VmOrder order) {
        return switch (order) {
            case VmOrder.Start start -> startBeforeStart;
            case VmOrder.Adopt adopt -> startBeforeStart;
            case VmOrder.Stop stop -> startBeforeStop;
            case VmOrder.Prepare prepare -> startBeforePrepare;
            case VmOrder.Switch go -> startBeforeSwitch;
            case VmOrder.Resolve resolve -> startBeforeResolve;
        };
    }
}
