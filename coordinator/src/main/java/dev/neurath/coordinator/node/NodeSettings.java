package dev.neurath.coordinator.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import dev.neurath.model.FleetId;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a node is told at its start. Precedence: flags, environment, file, reference.conf; a key that reference.conf does not know is
 * refused with its place, so that a misspelt one never silently means its default.
 *
 * @param database empty = embedded, in {@code state}
 * @param tls directory of this node's certificate; null = plaintext, on loopback addresses
 * @param metrics where certificates are told metrics; plaintext tells them at {@code http}
 * @param traces of the collector; empty = no traces are exported
 * @param config the whole configuration, for those who read their own block of it
 */
public record NodeSettings(
        Path state,
        String database,
        Endpoint api,
        Endpoint http,
        Endpoint cluster,
        FleetId fleet,
        @Nullable Path tls,
        Optional<Endpoint> metrics,
        Optional<URI> traces,
        Config config) {

    /** Flag or key -> environment variable. */
    private static final Map<String, String> ENVIRONMENT = Map.of(
            "neurath.state", "NEURATH_STATE",
            "neurath.database.url", "NEURATH_DATABASE",
            "neurath.api.address", "NEURATH_API",
            "neurath.http.address", "NEURATH_HTTP",
            "neurath.cluster.address", "NEURATH_CLUSTER",
            "neurath.fleet", "NEURATH_FLEET",
            "neurath.metrics.address", "NEURATH_METRICS",
            "neurath.traces.endpoint", "NEURATH_TRACES",
            "neurath.tls", "NEURATH_TLS",
            "neurath.plaintext", "NEURATH_PLAINTEXT");

    /** @param flags configuration path -> value; only what was given */
    public static NodeSettings of(Map<String, String> flags, Map<String, String> environment, @Nullable Path file) {
        try {
            Config reference = ConfigFactory.defaultReference();
            Config given = layer(flags, "command line")
                    .withFallback(layer(fromEnvironment(environment), "environment"))
                    .withFallback(file == null ? ConfigFactory.empty() : parse(file, reference));
            return read(given.withFallback(reference).resolve(), environment);
        } catch (ConfigException | IllegalArgumentException e) {
            throw StartFailure.usage("The configuration is not valid: " + e.getMessage());
        }
    }

    NodeSettings withAddresses(Endpoint newApi, Endpoint newHttp, Endpoint newCluster) {
        return new NodeSettings(state, database, newApi, newHttp, newCluster, fleet, tls, metrics, traces, config);
    }

    /** Parameters may hold a password and are not repeated. */
    private static String databaseUrl(String url) {
        if (!url.isEmpty() && !url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException("--database (neurath.database.url) is '"
                    + url.replaceFirst("\\?.*", "")
                    + "' and must be a URL like jdbc:postgresql://HOST:PORT/DATABASE?user=USER&password=PASSWORD");
        }
        return url;
    }

    Duration duration(String path) {
        return config.getDuration(path);
    }

    private static NodeSettings read(Config config, Map<String, String> environment) {
        String tls = config.getString("neurath.tls");
        Path credentials = tls.isEmpty() ? null : Path.of(tls).toAbsolutePath();
        var settings = new NodeSettings(
                stateDirectory(config.getString("neurath.state"), environment),
                databaseUrl(config.getString("neurath.database.url")),
                endpoint(config, "neurath.api.address"),
                endpoint(config, "neurath.http.address"),
                endpoint(config, "neurath.cluster.address"),
                fleet(config.getString("neurath.fleet"), credentials),
                credentials,
                config.getString("neurath.metrics.address").isEmpty()
                        ? Optional.empty()
                        : Optional.of(endpoint(config, "neurath.metrics.address")),
                traces(config.getString("neurath.traces.endpoint")),
                config);
        settings.checkPlaintext(config.getBoolean("neurath.plaintext"));
        return settings;
    }

    private static FleetId fleet(String configured, @Nullable Path tls) {
        if (!configured.isEmpty()) {
            return new FleetId(configured);
        }
        return tls == null
                ? new FleetId("default")
                : NodeCredentials.open(tls).get().fleet();
    }

    private void checkPlaintext(boolean wanted) {
        if (tls != null && wanted) {
            throw StartFailure.usage("Both --tls and --plaintext are given: leave out one of them.");
        }
        if (tls != null) {
            return;
        }
        if (!wanted) {
            throw StartFailure.usage(
                    "Neither --tls DIR nor --plaintext is given: name the directory of this node's certificate"
                            + " (neurath ca init, then neurath ca issue --role node), or say --plaintext, for loopback addresses only.");
        }
        if (metrics.isPresent()) {
            throw StartFailure.usage(
                    "--metrics %s is for certificates, and --plaintext asks for none: leave it out, /metrics are told at --http."
                            .formatted(metrics.get()));
        }
        for (Endpoint endpoint : List.of(api, http, cluster)) {
            if (!endpoint.isLoopback()) {
                throw StartFailure.usage(
                        "Plaintext is for loopback addresses only, and %s is not one: use 127.0.0.1, or --tls DIR."
                                .formatted(endpoint));
            }
        }
    }

    private static Config parse(Path file, Config reference) {
        Config parsed = ConfigFactory.parseFile(
                file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
        var unknown = new ArrayList<String>();
        for (Map.Entry<String, ConfigValue> entry : parsed.entrySet()) {
            String path = entry.getKey();
            if (!ConfigUtil.splitPath(path).getFirst().equals("neurath") || !reference.hasPathOrNull(path)) {
                unknown.add("%s (%s)".formatted(path, entry.getValue().origin().description()));
            }
        }
        if (!unknown.isEmpty()) {
            unknown.sort(null);
            throw new IllegalArgumentException("unknown key " + String.join(", ", unknown));
        }
        return parsed;
    }

    private static Config layer(Map<String, String> values, String origin) {
        return ConfigFactory.parseMap(values, origin);
    }

    private static Map<String, String> fromEnvironment(Map<String, String> environment) {
        var values = new LinkedHashMap<String, String>();
        ENVIRONMENT.forEach((path, variable) -> {
            String value = environment.get(variable);
            if (value != null && !value.isEmpty()) {
                values.put(path, value);
            }
        });
        return values;
    }

    private static Endpoint endpoint(Config config, String path) {
        try {
            return Endpoint.parse(config.getString(path));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "%s: %s (%s)"
                            .formatted(
                                    path,
                                    e.getMessage(),
                                    config.getValue(path).origin().description()),
                    e);
        }
    }

    private static Optional<URI> traces(String url) {
        if (url.isEmpty()) {
            return Optional.empty();
        }
        Optional<URI> endpoint = uri(url).filter(NodeSettings::isCollector);
        if (endpoint.isEmpty()) {
            throw new IllegalArgumentException("--traces (neurath.traces.endpoint) is " + told(url)
                    + " and must be the URL of a collector with its path, like http://127.0.0.1:4318/v1/traces");
        }
        if ("http".equals(endpoint.get().getScheme())
                && !isThisMachine(endpoint.get().getHost())) {
            throw new IllegalArgumentException("--traces (neurath.traces.endpoint) is " + told(url)
                    + ", and http leaves this machine readable for all: name a collector at 127.0.0.1, like"
                    + " http://127.0.0.1:4318/v1/traces, which hands on what it gets, or one that takes https");
        }
        return endpoint;
    }

    private static Optional<URI> uri(String url) {
        try {
            return Optional.of(new URI(url));
        } catch (URISyntaxException notEvenThat) {
            return Optional.empty();
        }
    }

    private static boolean isCollector(URI endpoint) {
        boolean known = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
        // Without a path everything would be sent to a place where no collector listens.
        return known && endpoint.getHost() != null && endpoint.getPath().length() > 1;
    }

    /** By what is written: where another name leads to now says nothing of where it leads to later. */
    private static boolean isThisMachine(String host) {
        try {
            return host.equals("localhost") || InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException name) {
            return false;
        }
    }

    /** A URL without its user info and query, which may hold a password; where these are cannot be told of one that is malformed. */
    private static String told(String url) {
        if (url.chars().noneMatch(character -> "@?#".indexOf(character) >= 0)) {
            return "'" + url + "'";
        }
        return uri(url).filter(
                        parsed -> parsed.getHost() != null && parsed.getPath().indexOf('@') < 0)
                .map(parsed -> "'%s://%s%s%s'"
                        .formatted(
                                parsed.getScheme(),
                                parsed.getHost(),
                                parsed.getPort() < 0 ? "" : ":" + parsed.getPort(),
                                parsed.getPath()))
                .orElse("not repeated here, for it may hold a password,");
    }

    private static Path stateDirectory(String configured, Map<String, String> environment) {
        if (!configured.isEmpty()) {
            return Path.of(configured).toAbsolutePath().normalize();
        }
        String xdg = environment.getOrDefault("XDG_STATE_HOME", "");
        Path base = xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".local", "state") : Path.of(xdg);
        return base.resolve("neurath").toAbsolutePath();
    }
}
