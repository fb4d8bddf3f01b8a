package dev.neurath.coordinator.rollout;

import static org.assertj.core.api.Assertions.assertThat;

import dev.neurath.model.Refusal;
import dev.neurath.model.RolloutId;
import dev.neurath.model.rollout.RolloutCommand;
import org.junit.jupiter.api.Test;

class RevertAnswerTest {
    private static final RolloutId BACK = new RolloutId("r-1-back");

    @Test
    void a_way_back_that_exists_already_runs_and_is_not_refused() {
        var exists = new EntityReply.Refused(Refusal.of("ROLLOUT_EXISTS", "It carries out another plan.", "look"));
        assertThat(RolloutWork.answered(BACK, exists)).contains(new RolloutCommand.RevertAnswer(BACK, null));
        assertThat(RolloutWork.answered(BACK, new EntityReply.Accepted(1)))
                .contains(new RolloutCommand.RevertAnswer(BACK, null));
    }

    @Test
    void any_other_refusal_is_told_and_what_is_not_known_is_asked_again() {
        Refusal nothing = Refusal.of("NOTHING_TO_REVERT", "There is nothing.", "nothing to do");
        assertThat(RolloutWork.answered(BACK, new EntityReply.Refused(nothing)))
                .contains(new RolloutCommand.RevertAnswer(BACK, nothing));
        assertThat(RolloutWork.answered(BACK, new EntityReply.Unavailable("no answer")))
                .isEmpty();
    }
}
