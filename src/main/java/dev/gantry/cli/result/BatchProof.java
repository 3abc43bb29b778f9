package dev.gantry.cli.result;

/** Why requests are taken for a batch's. */
public enum BatchProof {
    RECEIPT,
    MARK,
    CLAIM
}
