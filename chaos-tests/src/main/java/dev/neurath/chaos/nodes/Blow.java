package dev.neurath.chaos.nodes;

/** What happens to one node in mid-rollout. Written as it is typed. */
public enum Blow {
    /** SIGKILL, for good. */
    kill,
    /** SIGKILL, and started again on the same directory. */
    restart,
    /** SIGSTOP, and SIGCONT after a while: the others have taken it for dead by then. */
    stop,
    /** None, to compare with. */
    none
}
