package dev.neurath.vm;

import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmOrder;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Keeps what VMs send, in its order, and lets a test wait for it. */
final class Sent implements VmPorts {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    sealed interface Message {}

    record Order(HostId host, VmId vm, VmOrder order) implements Message {}

    record Acknowledgement(HostId host, VmId vm, FactStamp stamp) implements Message {}

    record Disowned(HostId host, VmId vm, FactStamp stamp, Refusal why) implements Message {}

    record Behind(HostId host, VmId vm, Generation told, Generation known, CompletableFuture<Boolean> answer)
            implements Message {}

    record Told(
            RolloutId rollout,
            VmId vm,
            int attemptNumber,
            VmEvent ended,
            @Nullable Pause pause) implements Message {}

    private final LinkedBlockingQueue<Message> messages = new LinkedBlockingQueue<>();

    @Override
    public void order(HostId host, VmId vm, VmOrder order) {
        messages.add(new Order(host, vm, order));
    }

    @Override
    public void acknowledge(HostId host, VmId vm, FactStamp stamp) {
        messages.add(new Acknowledgement(host, vm, stamp));
    }

    @Override
    public void disown(HostId host, VmId vm, FactStamp stamp, Refusal why) {
        messages.add(new Disowned(host, vm, stamp, why));
    }

    @Override
    public CompletionStage<Boolean> journalBehind(HostId host, VmId vm, Generation told, Generation known) {
        var answer = new CompletableFuture<Boolean>();
        messages.add(new Behind(host, vm, told, known, answer));
        return answer;
    }

    @Override
    public void tellRollout(RolloutId rollout, VmId vm, int attemptNumber, VmEvent ended, @Nullable Pause pause) {
        messages.add(new Told(rollout, vm, attemptNumber, ended, pause));
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    Message next() {
        try {
            Message message = messages.poll(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (message == null) {
                throw new AssertionError("nothing was sent within " + PATIENCE);
            }
            return message;
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted while waiting for what a VM sends", e);
        }
    }

    /** Skips repetitions of other orders. */
    VmOrder nextOrder(Class<? extends VmOrder> type) {
        while (true) {
            if (next() instanceof Order order && type.isInstance(order.order())) {
                return order.order();
            }
        }
    }

    <T extends Message> T next(Class<T> type) {
        while (true) {
            Message message = next();
            if (type.isInstance(message)) {
                return type.cast(message);
            }
        }
    }
}
