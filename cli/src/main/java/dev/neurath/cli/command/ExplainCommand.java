package dev.neurath.cli.command;

import dev.neurath.cli.ExitCode;
import dev.neurath.cli.output.StyledLine;
import dev.neurath.cli.output.StyledLine.Style;
import dev.neurath.proto.v1.ExplainRequest;
import dev.neurath.proto.v1.ExplainResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        description =
                "Why a rollout, host, VM or reason is as it is, since when, what unblocks it, and the next command.")
public final class ExplainCommand extends Verb implements Callable<Integer> {
    @Parameters(paramLabel = "ROLLOUT|HOST|VM|REASON", description = "An id, the beginning of one, or a reason code.")
    private String subject = "";

    @Override
    public Integer call() {
        ExplainRequest request = ExplainRequest.newBuilder().setSubject(subject).build();
        ExplainResponse answer = api().fleet(fleet -> fleet.explain(request));
        printer().one("Explanation", answer, () -> lines(answer));
        return ExitCode.OK;
    }

    static List<StyledLine> lines(ExplainResponse answer) {
        List<StyledLine> lines = new ArrayList<>();
        lines.add(new StyledLine().add(answer.getHeadline(), Style.BOLD));
        paragraph(lines, "What happened", answer.getWhatHappened());
        paragraph(lines, "What is safe", answer.getWhatIsSafe());
        paragraph(lines, "What it blocks", answer.getWhatItBlocks());
        for (int i = 0; i < answer.getWhatYouCanDoCount(); i++) {
            paragraph(lines, i == 0 ? "What you can do" : "", answer.getWhatYouCanDo(i));
        }
        for (int i = 0; i < answer.getWaysCount(); i++) {
            paragraph(lines, i == 0 ? "Where it can go" : "", answer.getWays(i));
        }
        return lines;
    }

    private static void paragraph(List<StyledLine> lines, String head, String text) {
        if (!text.isEmpty()) {
            lines.add(new StyledLine().add("  ").cell(head, 15, Style.DIM).add(text));
        }
    }
}
