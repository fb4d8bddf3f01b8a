package dev.neurath.testbed.demo;

/** The rollout that a demo applies: one guest first, then, when that went well, all the others. */
final class RolloutFile {
    private RolloutFile() {}

    /** The guest that fails must not stop the rest, so no count of failures closes the gate. */
    static String of(String run, String release) {
        return """
                apiVersion: neurath/v1
                kind: Rollout
                metadata: { name: demo-%s }
                release: { qemu: "%s" }
                method: { prefer: [hand-over], otherwise: skip, wayBack: optional }
                waves:
                  - { name: canary, hosts: 1, vms: 1, bake: 1s }
                  - { name: rest, hosts: rest }
                limits: { pause: 2s, failures: never, quarantined: never, overPause: never }
                onLimit: pause
                """.formatted(run, release);
    }
}
