package dev.neurath.identity;

import dev.neurath.model.FleetId;
import dev.neurath.model.HostId;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whom a certificate is for: {@code neurath://FLEET/ROLE/NAME}, the one URI of that scheme among its subject alternative names, in the manner of SPIFFE.
 *
 * @param name of an agent its host's id, and fit to be one; of a person or a node whatever events are to call it
 */
public record Identity(FleetId fleet, Role role, String name) {
    /** What a URI's path and an event may hold without escapes; a person's name may be an address. */
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}");

    private static final Pattern URI = Pattern.compile("neurath://([^/]+)/([^/]+)/([^/]+)");

    /** RFC 5280, GeneralName: uniformResourceIdentifier. */
    private static final int URI_NAME = 6;

    public Identity {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name '%s' must be 1 to 64 letters, digits, '.', '_', '@' or '-', beginning with a letter or digit"
                            .formatted(name));
        }
        if (role == Role.AGENT) {
            new HostId(name);
        }
    }

    public String uri() {
        return "neurath://%s/%s/%s".formatted(fleet, role.word(), name);
    }

    /** @return empty if it names nobody of any fleet, or several */
    public static Optional<Identity> in(X509Certificate certificate) {
        try {
            Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            List<Matcher> found = names == null
                    ? List.of()
                    : names.stream()
                            .filter(name -> name.getFirst().equals(URI_NAME))
                            .map(name -> URI.matcher(String.valueOf(name.get(1))))
                            .filter(Matcher::matches)
                            .toList();
            if (found.size() != 1) {
                return Optional.empty();
            }
            Matcher uri = found.getFirst();
            return Optional.of(new Identity(new FleetId(uri.group(1)), Role.parse(uri.group(2)), uri.group(3)));
        } catch (CertificateParsingException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "%s '%s' of fleet %s".formatted(role.word(), name, fleet);
    }
}
