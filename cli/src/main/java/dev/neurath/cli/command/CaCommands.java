package dev.neurath.cli.command;

import dev.neurath.ca.CaFailure;
import dev.neurath.ca.CertificateAuthority;
import dev.neurath.cli.CliFailure;
import dev.neurath.cli.ExitCode;
import dev.neurath.cli.output.Documents;
import dev.neurath.identity.Identity;
import dev.neurath.identity.Role;
import dev.neurath.model.FleetId;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "ca",
        description = "The fleet's own CA: who may take part, and as what. Works on a directory, and talks to nobody.",
        synopsisSubcommandLabel = "COMMAND")
public final class CaCommands extends Verb {
    private interface Work<T> {
        T run() throws IOException, CaFailure;
    }

    @Command(
            description =
                    "Make a CA: its key, and the key that signs releases. Keep the directory off the fleet's machines.")
    int init(
            @Option(names = "--dir", required = true, paramLabel = "DIR", description = "The CA's own directory.")
                    Path directory,
            @Option(names = "--fleet", required = true, paramLabel = "ID", description = "The fleet that it is for.")
                    String fleet) {
        FleetId id;
        try {
            id = new FleetId(fleet);
        } catch (IllegalArgumentException e) {
            throw CliFailure.of(ExitCode.USAGE, "--fleet: " + e.getMessage(), "neurath ca init --help");
        }
        done(() -> CertificateAuthority.init(directory, id, Instant.now()));
        say("CA of fleet %s in %s.".formatted(fleet, directory));
        next("neurath ca issue --dir %s --role node --name node-1 --out DIR".formatted(directory));
        return ExitCode.OK;
    }

    @Command(
            description =
                    "Make a key and a certificate, in a directory that --tls takes. What is there is replaced: so a"
                            + " certificate is renewed, and taken into use without a restart.",
            footer = {
                "%nRoles:",
                "  node      a coordinator node",
                "  agent     the agent of the host that is the name: its link and nothing else",
                "  view      a person or program that looks",
                "  operate   and plans, applies, steers, holds",
                "  admin     and registers releases, ends VMs, declares hosts dead"
            })
    int issue(
            @Option(names = "--dir", required = true, paramLabel = "DIR", description = "The CA's own directory.")
                    Path directory,
            @Option(names = "--role", required = true, paramLabel = "ROLE", description = "See below.") String role,
            @Option(
                            names = "--name",
                            required = true,
                            paramLabel = "NAME",
                            description = "Whom events are to name; of an agent: its host's id.")
                    String name,
            @Option(
                            names = "--host",
                            split = ",",
                            paramLabel = "HOST",
                            description =
                                    "DNS names and addresses, for clients that compare them; Neurath's own look at role and fleet.")
                    @Nullable
                    List<String> hosts,
            @Option(
                            names = "--days",
                            paramLabel = "N",
                            defaultValue = "365",
                            description = "How long it is good (${DEFAULT-VALUE}).")
                    int days,
            @Option(names = "--out", required = true, paramLabel = "DIR", description = "For --tls.") Path out) {
        if (days < 1) {
            throw CliFailure.of(ExitCode.USAGE, "--days must be at least 1, and not " + days, "");
        }
        X509Certificate certificate = done(() -> CertificateAuthority.open(directory)
                .issue(role(role), name, hosts == null ? List.of() : hosts, Duration.ofDays(days), out, Instant.now()));
        say("%s in %s, until %s."
                .formatted(
                        Identity.in(certificate).orElseThrow().uri(),
                        out,
                        certificate.getNotAfter().toInstant()));
        return ExitCode.OK;
    }

    @Command(
            description =
                    "Replace the CA's key in two steps: a new one beside the old, both trusted; then only the new.",
            footer = {
                "%n  1. neurath ca rotate --dir DIR             then put DIR/ca.pem into every --tls directory",
                "  2. neurath ca issue …                      for every member, into its --tls directory",
                "  3. neurath ca rotate --dir DIR --drop-old  then put DIR/ca.pem everywhere again",
                "  4. restart the nodes, one by one           they judge each other only when they connect",
                "%nNothing else is restarted: nodes, agents and commands take up what is new by themselves."
            })
    int rotate(
            @Option(names = "--dir", required = true, paramLabel = "DIR", description = "The CA's own directory.")
                    Path directory,
            @Option(names = "--drop-old", description = "Delete the old key: what it signed counts no longer.")
                    boolean dropOld) {
        CertificateAuthority ca = done(() -> CertificateAuthority.open(directory));
        if (dropOld) {
            List<Integer> dropped = done(ca::dropOld);
            say("CA key %s is deleted."
                    .formatted(String.join(
                            ", ", dropped.stream().map(String::valueOf).toList())));
            next("put %s/ca.pem into every --tls directory, then restart the nodes one by one".formatted(directory));
        } else {
            say("CA key %d signs from now on.".formatted(done(() -> ca.rotate(Instant.now()))));
            next("put %s/ca.pem into every --tls directory, before any certificate is issued".formatted(directory));
        }
        return ExitCode.OK;
    }

    @Command(
            name = "rotate-release-key",
            description =
                    "Replace the key that signs releases in two steps: a new one beside the old, both trusted; then only the"
                            + " new. No release is signed anew by itself.",
            footer = {
                "%n  1. neurath ca rotate-release-key --dir DIR             then put DIR/release.pem into the --tls directory",
                "                                                         of every node and agent",
                "  2. neurath release sign -f … --key DIR/release.key     and neurath release register -f …, for every",
                "                                                         release that VMs run or shall run",
                "  3. neurath ca rotate-release-key --dir DIR --drop-old  then put DIR/release.pem everywhere again",
                "%nStep 2 only when step 1 has reached everybody: an agent that lacks the new key refuses what it signed. What",
                "has to be signed before is signed with --key DIR/release-old.key. Nothing is restarted."
            })
    int rotateReleaseKey(
            @Option(names = "--dir", required = true, paramLabel = "DIR", description = "The CA's own directory.")
                    Path directory,
            @Option(
                            names = "--drop-old",
                            description = "Trust the old key no longer: what only it signed is not executed any more.")
                    boolean dropOld) {
        CertificateAuthority ca = done(() -> CertificateAuthority.open(directory));
        if (dropOld) {
            done(() -> {
                ca.dropOldReleaseKey();
                return directory;
            });
            say("Releases that only the old key signed count no longer.");
            next("put %s/release.pem into the --tls directory of every node and agent".formatted(directory));
        } else {
            done(() -> {
                ca.rotateReleaseKey();
                return directory;
            });
            say("%s/release.key is a new key; what the old one signed still counts.".formatted(directory));
            next("put %s/release.pem into the --tls directory of every node and agent, before anything is signed"
                    .formatted(directory));
        }
        return ExitCode.OK;
    }

    @Command(description = "All certificates that were ever issued.")
    int list(
            @Option(names = "--dir", required = true, paramLabel = "DIR", description = "The CA's own directory.")
                    Path directory) {
        List<String> issued = done(() -> CertificateAuthority.open(directory).issued());
        if (printer().format().isDocument()) {
            var document = Documents.headed("CertificateList");
            issued.forEach(document.putArray("items")::add);
            printer().document(document);
        } else {
            issued.forEach(console().out()::println);
        }
        return ExitCode.OK;
    }

    private static Role role(String word) {
        try {
            return Role.parse(word);
        } catch (IllegalArgumentException e) {
            throw CliFailure.of(ExitCode.USAGE, "--role: " + e.getMessage(), "neurath ca issue --help");
        }
    }

    private static <T> T done(Work<T> work) {
        try {
            return work.run();
        } catch (CaFailure e) {
            throw CliFailure.of(
                    e.isMistake() ? ExitCode.USAGE : ExitCode.ERROR, String.valueOf(e.getMessage()), e.wayOut());
        } catch (IOException e) {
            throw CliFailure.of(ExitCode.ERROR, "a file of the CA cannot be read or written: " + e.getMessage(), "");
        }
    }

    private void say(String sentence) {
        console().out().println(sentence);
    }

    private void next(String step) {
        console().err().println("  Next  " + step);
    }
}
