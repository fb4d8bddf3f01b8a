package dev.neurath.model.release;

import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.vm.Method;

/** It was found out that this method cannot take any VM from one release to the other. */
public record PairRefusal(ReleaseId from, ReleaseId to, Method method, Refusal refusal) {}
