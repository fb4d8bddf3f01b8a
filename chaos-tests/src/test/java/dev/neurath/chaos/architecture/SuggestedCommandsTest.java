package dev.neurath.chaos.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.neurath.cli.Neurath;
import dev.neurath.cli.output.Console;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What an explanation tells its reader to type is what the command line takes. The two do not see each other, so this is kept here. */
class SuggestedCommandsTest {
    private static final Pattern ADDED = Pattern.compile("(?:can|commands)\\.add\\(\\s*((?:\"[^\"]*\"|[^\";])*)\\);");
    private static final Pattern PIECE = Pattern.compile("\"([^\"]*)\"|[^\"+]*[^\"+\\s][^\"+]*");

    @Test
    void every_command_in_a_reasons_explanation_can_be_typed() {
        Config reasons = ConfigFactory.parseResources("dev/neurath/coordinator/api/reasons.conf")
                .resolve();
        var suggested = new TreeSet<String>();
        for (String code : reasons.root().keySet()) {
            if (reasons.hasPath(code + ".do")) {
                suggested.addAll(reasons.getStringList(code + ".do"));
            }
        }
        assertThat(mistakes(List.copyOf(suggested), 10)).isEmpty();
    }

    @Test
    void every_command_in_the_explanation_of_a_vm_a_host_or_a_rollout_can_be_typed() throws IOException {
        Path sources = Path.of(System.getProperty("neurath.root"))
                .resolve("coordinator/src/main/java/dev/neurath/coordinator/api");
        var suggested = new ArrayList<String>();
        for (String file : List.of("Explanations", "VmExplanation", "RolloutExplanation")) {
            ADDED.matcher(Files.readString(sources.resolve(file + ".java")))
                    .results()
                    .forEach(added -> suggested.add(text(added.group(1))));
        }
        assertThat(mistakes(suggested, 15)).isEmpty();
    }

    /** Of the sum of literals and names; every name stands for an id. */
    private static String text(String sum) {
        var text = new StringBuilder();
        for (MatchResult piece : PIECE.matcher(sum).results().toList()) {
            text.append(piece.group(1) == null ? "X" : piece.group(1));
        }
        return text.toString();
    }

    private static List<String> mistakes(List<String> suggested, int atLeast) {
        List<String> commands =
                suggested.stream().filter(line -> line.startsWith("neurath ")).toList();
        assertThat(commands).hasSizeGreaterThanOrEqualTo(atLeast);
        var mistakes = new ArrayList<String>();
        for (String command : commands) {
            String typed = command.replaceAll("\\s+#.*", "").replaceAll("'[^']*'", "text");
            String[] words = typed.substring("neurath ".length()).trim().split(" +");
            try (var root = new Neurath(Console.ofProcess(Map.of()))) {
                new CommandLine(root).parseArgs(words);
            } catch (ParameterException mistake) {
                mistakes.add(command + ": " + mistake.getMessage());
            }
        }
        return mistakes;
    }
}
