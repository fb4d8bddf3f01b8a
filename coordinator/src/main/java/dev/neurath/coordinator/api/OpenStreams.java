package dev.neurath.coordinator.api;

import dev.neurath.identity.Untrusted;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Grpc;
import io.grpc.ServerCall;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks again and again at whose streams are open: one whose certificate expired meanwhile, or whose CA was dropped, is ended as it would be refused today.
 *
 * <p>Other calls are over before it matters, and the next one is judged anew.
 */
final class OpenStreams implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(OpenStreams.class);

    private final Members members;
    private final Set<JudgedCall<?, ?>> open = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("neurath-open-streams").factory());

    // Nothing escapes a look, so its future has nothing to tell.
    @SuppressWarnings("FutureReturnValueIgnored")
    OpenStreams(Members members, Duration every) {
        this.members = members;
        looks.scheduleWithFixedDelay(this::look, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    void add(JudgedCall<?, ?> call) {
        open.add(call);
    }

    /** Forgets the call when it is over, whoever ended it. */
    <Q> ServerCall.Listener<Q> watched(JudgedCall<Q, ?> call, ServerCall.Listener<Q> listener) {
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onComplete() {
                open.remove(call);
                super.onComplete();
            }

            @Override
            public void onCancel() {
                open.remove(call);
                super.onCancel();
            }
        };
    }

    private void look() {
        for (JudgedCall<?, ?> call : open) {
            try {
                members.identify(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION));
            } catch (Untrusted e) {
                LOG.warn(
                        "A stream of {} is ended: {}",
                        call.getMethodDescriptor().getFullMethodName(),
                        e.getMessage());
                call.end(Refused.unauthenticated(e.refusal()));
            } catch (RuntimeException e) {
                LOG.error("A stream could not be looked at again, the next look follows", e);
            }
        }
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }
}
