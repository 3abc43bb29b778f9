package dev.gantry.intake.membership;

import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.WakeupException;

/** What is done about a poll that failed. */
enum PollRemedy {
    /** Somebody wants the poll loop: it is told. */
    PASS_ON,
    /** The consumer stays what it is and is polled again after a rest. */
    REST,
    /** The consumer is closed, and a new one joins the group. */
    REJOIN;

    /** The client mends itself of most things; of what lasts so long it may not. */
    private static final int PATIENCE = 15;

    /** What the client does not explain is a bug of somebody's, and may have broken it. */
    private static final int SHORT_PATIENCE = 3;

    /**
     * Decides.
     *
     * @param byConsumerProtocol whether the consumer joined by KIP-848: what its heartbeats are
     *     refused it says once and is no member ever after, where a classic one asks again
     * @param inARow polls that have failed since the last one that did not, this one included
     */
    static PollRemedy of(Throwable trouble, boolean byConsumerProtocol, int inARow) {
        return switch (trouble) {
            case WakeupException _ -> PASS_ON;
            case InterruptException _ -> PASS_ON;
            // A member stays one while it may not read, and giving up its calls would mend nothing.
            case TopicAuthorizationException _ -> REST;
            case RetriableException _ -> REST;
            case GroupAuthorizationException _ -> mayRest(byConsumerProtocol, inARow);
            case AuthenticationException _ -> mayRest(byConsumerProtocol, inARow);
            case InvalidOffsetException _ -> REST;
            case KafkaException unknown when plain(unknown) -> restFor(inARow, SHORT_PATIENCE);
            case KafkaException _ -> REJOIN;
            // The KIP-848 client (4.2.1) may trip over a partition that was lost during the poll.
            case IllegalStateException _ -> restFor(inARow, SHORT_PATIENCE);
            // Records of other partitions may have gone down with it: the positions are read anew.
            default -> REJOIN;
        };
    }

    private static PollRemedy mayRest(boolean byConsumerProtocol, int inARow) {
        return byConsumerProtocol ? REJOIN : restFor(inARow, PATIENCE);
    }

    private static PollRemedy restFor(int inARow, int patience) {
        return inARow < patience ? REST : REJOIN;
    }

    /** Of no kind of its own, as records that cannot be read are. */
    private static boolean plain(KafkaException trouble) {
        return trouble.getClass() == KafkaException.class;
    }
}
