package dev.gantry.admission;

/** Why a request stands in line. */
public enum WaitReason {
    /** Its lanes are open, but all slots of the worker are taken. */
    SLOTS,
    /** Its lanes are open, but the worker holds as many bytes as it may. */
    MEMORY,
    /** Its lane holds its share of the slots, and others want theirs. */
    SHARE,
    /** Its lanes are starting slowly. */
    PACE,
    /** The fleet's limit of its lane is used up, or this worker's share of it. */
    LIMIT,
    /** Its lanes are benched, or have just failed it. */
    BENCHED,
    /** Its session has a cap, and the ledger of budgets does not answer. */
    LEDGER
}
