package dev.gantry.inference;

/**
 * What a failure of one kind means: a row of the table in {@link ErrorKind} (routing rules, section
 * 3). What also depends on the reply is a small function beside the column's one user.
 *
 * @param next where the request goes
 * @param use what the attempt uses up
 * @param cools what is benched at most
 * @param weight when that is benched
 * @param room what it tells of the lane's room for calls
 * @param metered how it reads on the meter, if bytes were sent
 * @param billed what it may have cost where no usage came, if bytes were sent
 * @param alike so many of the same, of lanes that do well with others, are the request's own fault;
 *     0: a request is never to blame for it
 */
public record FailureRule(
        FailoverAction next,
        AttemptUse use,
        Cools cools,
        Weight weight,
        Room room,
        MeterOutcome metered,
        Billed billed,
        int alike) {
    /** Whose circuits a failure concerns, and which cooldown it has. */
    public enum Cools {
        NOTHING,
        LANE,
        /** The lane, for as long as a model that is not there stays away. */
        MODEL,
        /** Whatever the lane's quota scope says. */
        QUOTA,
        /** The instance: its endpoint and credential, every lane of it. */
        ENDPOINT,
        /** Every instance that shares the account. */
        ACCOUNT
    }

    /** How much one failure weighs. */
    public enum Weight {
        /** Nothing: the request's fault, or ours. */
        NEVER,
        /** One of several. */
        COUNTED,
        /** A bench by itself if the provider says until when, else a matter of pace. */
        AS_STATED,
        /** A bench by itself, if it is a fact. */
        AT_ONCE
    }

    /** What is learnt of the lane's room. */
    public enum Room {
        /** It had room, and did its work. */
        SERVED,
        LIMITED,
        STRAINED,
        SILENT
    }

    /** What an attempt without usage may have cost. */
    public enum Billed {
        /** An error status is a refusal to work, most often. */
        BY_STATUS,
        IN_DOUBT
    }
}
