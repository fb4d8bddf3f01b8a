package dev.neurath.coordinator.api;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request, one answer, on a virtual thread that may block: the services read as what they do. */
final class Unary {
    private static final Logger LOG = LoggerFactory.getLogger(Unary.class);

    private Unary() {}

    /** Runs {@code work} and answers with its result, or with the status it threw. */
    static <A> void answer(StreamObserver<A> observer, Callable<A> work) {
        A answer;
        try {
            answer = work.call();
        } catch (StatusRuntimeException e) {
            observer.onError(e);
            return;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            observer.onError(Refused.unavailable("The node is stopping."));
            return;
        } catch (Exception e) {
            LOG.error("A request failed for a reason that nobody foresaw", e);
            observer.onError(Status.INTERNAL
                    .withDescription("The node failed on this request, its log says why: " + e)
                    .asRuntimeException());
            return;
        }
        observer.onNext(answer);
        observer.onCompleted();
    }

    static <T> T await(CompletionStage<T> stage, Duration longest, String what) throws InterruptedException {
        try {
            return stage.toCompletableFuture().get(longest.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw Refused.unavailable("No answer from %s within %d ms.".formatted(what, longest.toMillis()));
        } catch (ExecutionException e) {
            throw Refused.unavailable("No answer from %s: %s".formatted(what, e.getCause()));
        }
    }
}
