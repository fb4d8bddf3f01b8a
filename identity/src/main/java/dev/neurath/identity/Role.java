package dev.neurath.identity;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What a certificate is for. Nodes and agents are programs and may do nothing that a person does; each person's role holds the ones before it. */
public enum Role {
    NODE,
    AGENT,
    VIEW,
    OPERATE,
    ADMIN;

    private boolean isAPersons() {
        return compareTo(VIEW) >= 0;
    }

    /** Whether this role may do what {@code least} may. */
    public boolean includes(Role least) {
        return this == least || (isAPersons() && least.isAPersons() && compareTo(least) > 0);
    }

    /** As it stands in certificates and options. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException with a sentence */
    public static Role parse(String word) {
        for (Role role : values()) {
            if (role.word().equals(word)) {
                return role;
            }
        }
        throw new IllegalArgumentException("'%s' is no role; roles are %s"
                .formatted(word, Arrays.stream(values()).map(Role::word).collect(Collectors.joining(", "))));
    }
}
