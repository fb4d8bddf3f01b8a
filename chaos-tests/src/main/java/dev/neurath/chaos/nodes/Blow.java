package dev.neurath.chaos.nodes;

/** What happens to one node in mid-rollout. Written as it is typed. */
public enum Blow {
    /** SIGKILL, for good. */
    kill,
    /** SIGKILL, and started again on the same directory. */
    restart,
    /** SIGSTOP, and SIGCONT after a while: the others have taken it for dead by then. */
    stop,
    /** None of them dies: two nodes and then an agent are ended in good order and started again as this build, one after the other. */
    upgrade,
    /** None, to compare with. */
    none
}
