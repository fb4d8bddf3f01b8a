package dev.neurath.identity;

import dev.neurath.model.Refusal;
import java.security.cert.CertificateException;

/** A certificate that does not count here, with what is wrong with it and the way out. */
public final class Untrusted extends CertificateException {
    private static final long serialVersionUID = 1;

    private final transient Refusal refusal;

    Untrusted(Refusal refusal) {
        super(refusal.code() + ": " + refusal.sentence() + " " + refusal.wayOut());
        this.refusal = refusal;
    }

    public Refusal refusal() {
        return refusal;
    }
}
