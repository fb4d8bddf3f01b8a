package dev.neurath.chaos.nodes;

import dev.neurath.cli.link.Api;
import dev.neurath.cli.link.ServerAddress;
import dev.neurath.proto.v1.GetRolloutRequest;
import dev.neurath.proto.v1.RolloutPhase;
import dev.neurath.proto.v1.SteerRequest;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Nodes and then an agent are ended in good order and started again as this build, one after the other, each while a wave of the rollout is on its way: the
 * waves wait for each other's promotion, so that it does not depend on anybody's speed.
 */
final class RollingUpgrade {
    private static final Duration A_WAVE = Duration.ofMinutes(2);
    /** One for each that is upgraded; the first one begins with the rollout. */
    static final int WAVES = NodesPlan.OTHERS + 2;

    private final RealFleet fleet;
    private final Api api;
    private final List<ServerAddress> servers;
    private final String rollout;
    private final Consumer<String> talk;

    RollingUpgrade(RealFleet fleet, Api api, List<ServerAddress> servers, String rollout, Consumer<String> talk) {
        this.fleet = fleet;
        this.api = api;
        this.servers = servers;
        this.rollout = rollout;
        this.talk = talk;
    }

    /** Of the rollout's file. They take host after host, so that the last wave is on the last host, whose agent is upgraded last. */
    static List<String> waves(int vms) {
        var waves = new ArrayList<String>();
        for (int i = 1; i < WAVES; i++) {
            waves.add("{ name: w%d, hosts: rest, vms: %d, promote: manual }".formatted(i, vms / WAVES));
        }
        waves.add("{ name: w%d, hosts: rest }".formatted(WAVES));
        return waves;
    }

    void run() throws IOException, InterruptedException {
        for (int i = 1; i <= NodesPlan.OTHERS; i++) {
            beginWave();
            fleet.node(i).upgrade();
            RealFleet.awaitReady(fleet.node(i), 2);
            talk.accept("node " + i + " is of this build now");
        }
        beginWave();
        fleet.upgradeAgent(api, servers);
        talk.accept("an agent is of this build now");
    }

    /** @throws IllegalStateException if there is none left, and an upgrade would disturb nothing */
    private void beginWave() throws InterruptedException {
        RolloutPhase phase = awaitWave();
        if (phase != RolloutPhase.ROLLOUT_PHASE_BAKING) {
            throw new IllegalStateException("the rollout is " + phase + " before all were upgraded");
        }
        promote();
    }

    private RolloutPhase awaitWave() throws InterruptedException {
        Patience.await("the end of a wave", A_WAVE, () -> phase() != RolloutPhase.ROLLOUT_PHASE_RUNNING);
        return phase();
    }

    private RolloutPhase phase() {
        return api.rollouts(rollouts -> rollouts.get(
                        GetRolloutRequest.newBuilder().setId(rollout).build()))
                .getPhase();
    }

    private void promote() {
        api.rollouts(rollouts ->
                rollouts.promote(SteerRequest.newBuilder().setId(rollout).build()));
    }
}
