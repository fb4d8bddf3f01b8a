package dev.neurath.testbed;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.neurath.testbed.qemu.QemuCatalog;
import dev.neurath.testbed.qemu.QemuInstall;
import dev.neurath.testbed.qemu.QemuOffer;
import dev.neurath.testbed.qemu.QemuRequest;
import dev.neurath.testbed.qemu.UnresolvedRequestException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code neurath testbed}: the real QEMU versions to try things on. Data goes to stdout, progress to stderr. */
@Command(
        name = "testbed",
        description = "Real QEMU versions side by side, fetched into the user's cache, nothing installed.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND")
public final class TestbedCommand {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    /** What both verbs take. */
    static final class Options {
        @Option(
                names = {"-o", "--output"},
                paramLabel = "FORMAT",
                defaultValue = "table",
                description = "table or json")
        Format output = Format.table;

        @Option(
                names = "--suite",
                paramLabel = "SUITE",
                description = "look in this suite of the mirror too (repeatable)")
        List<String> suites = new ArrayList<>();

        QemuCatalog catalog() {
            QemuCatalog catalog = QemuCatalog.ofUser();
            for (String suite : suites) {
                catalog = catalog.withSuite(suite);
            }
            return catalog;
        }
    }

    /** Written as they are typed. */
    enum Format {
        table,
        json
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "What is cached and what the machine's mirror offers.")
    int list(
            @Mixin Options options,
            @Option(names = "--offline", description = "only what is cached; asks nobody") boolean offline)
            throws IOException, InterruptedException {
        QemuCatalog catalog = options.catalog();
        List<QemuOffer> offers = offline ? catalog.cached() : catalog.list(this::tell);
        if (options.output == Format.json) {
            ArrayNode array = new ObjectMapper().createArrayNode();
            for (QemuOffer offer : offers) {
                ObjectNode node = array.addObject()
                        .put("version", offer.version().toString())
                        .put("suite", offer.suite())
                        .put("package", offer.packageVersion())
                        .put("cached", offer.install().isPresent());
                offer.install().ifPresent(install -> describe(node, install));
            }
            out().println(array.toPrettyString());
        } else {
            out().printf("%-10s %-22s %-7s %s%n", "VERSION", "SUITE", "CACHED", "PACKAGE");
            for (QemuOffer offer : offers) {
                out().printf(
                                "%-10s %-22s %-7s %s%n",
                                offer.version(),
                                offer.suite(),
                                offer.install().isPresent() ? "yes" : "-",
                                offer.packageVersion());
            }
        }
        out().flush();
        return CommandLine.ExitCode.OK;
    }

    @Command(
            name = "fetch",
            mixinStandardHelpOptions = true,
            description = "Makes QEMUs ready to run; with -o json prints their release manifests, one per line.")
    int fetch(
            @Mixin Options options,
            @Parameters(
                            arity = "1..*",
                            paramLabel = "REQUEST",
                            description = "a version (10.0.2), its front (11.1) or a suite (trixie)")
                    List<String> requests)
            throws IOException, InterruptedException {
        QemuCatalog catalog = options.catalog();
        int unresolved = 0;
        for (String text : requests) {
            QemuRequest request;
            try {
                request = QemuRequest.parse(text);
            } catch (IllegalArgumentException e) {
                throw new CommandLine.ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
            }
            try {
                QemuInstall install = catalog.fetch(request, this::tell);
                out().println(
                                options.output == Format.json
                                        ? catalog.releaseManifest(install).toString()
                                        : install.label() + "  " + install.root());
                out().flush();
            } catch (UnresolvedRequestException e) {
                tell(String.valueOf(e.getMessage()));
                unresolved++;
            }
        }
        return unresolved == 0 ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private static void describe(ObjectNode node, QemuInstall install) {
        node.put("root", install.root().toString());
        ArrayNode argv = node.putArray("argvPrefix");
        install.command().forEach(argv::add);
        ObjectNode environment = node.putObject("environment");
        install.environment().forEach(environment::put);
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private void tell(String line) {
        PrintWriter err = spec.commandLine().getErr();
        err.println(line);
        err.flush();
    }
}
