package dev.neurath.persistence.journal;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import scala.concurrent.Future;
import scala.jdk.javaapi.FutureConverters;

/** Futures as Pekko's plugin interface wants them, failing with the reason itself instead of its CompletionException. */
final class Completion {
    private Completion() {}

    static <T> Future<T> of(CompletionStage<T> stage) {
        CompletableFuture<T> bare = new CompletableFuture<>();
        stage.whenComplete((value, failure) -> {
            if (failure == null) {
                bare.complete(value);
            } else {
                bare.completeExceptionally(bareReason(failure));
            }
        });
        return FutureConverters.asScala(bare);
    }

    /** A success without a value. Pekko's Java interface declares it as Void, whose only value is null. */
    @SuppressWarnings("NullAway")
    static Future<Void> withoutValue(CompletionStage<?> stage) {
        return of(stage.thenApply(value -> null));
    }

    private static Throwable bareReason(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }
}
