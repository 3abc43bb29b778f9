package dev.gantry.handover;

import dev.gantry.inference.SourcePosition;

import org.apache.kafka.common.TopicPartition;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * How a worker gives partitions away without giving up the requests that it works on, and learns
 * what others work on of the partitions that it gets.
 */
public interface Handover {
    /** For those who share no table: nothing can be handed over. */
    Handover NONE =
            new Handover() {
                @Override
                public boolean give(Supplier<List<SourcePosition>> begun) {
                    return begun.get().isEmpty();
                }

                @Override
                public void ended(SourcePosition request) {}

                @Override
                public void givenUp(SourcePosition request) {}

                @Override
                public Map<TopicPartition, List<HandoverRow>> above(
                        Map<TopicPartition, Long> watermarks) {
                    return Map.of();
                }

                @Override
                public void passed(Map<TopicPartition, Long> watermarks) {}

                @Override
                public void serve(HeldRequests held) {}

                @Override
                public void look() {}
            };

    /**
     * Says that this worker finishes these, whoever owns their partitions from now on. Waits two
     * seconds at most.
     *
     * @param begun says which these are, once; {@link #ended} and {@link #givenUp} wait for it, so
     *     that none of their ends is missed
     * @return whether everybody knows; if not, nobody does, or not for long
     */
    boolean give(Supplier<List<SourcePosition>> begun);

    /** All records of a request that was given are safe. Must not block. */
    void ended(SourcePosition request);

    /** A request that was given is to be begun anew by whoever owns it. Must not block. */
    void givenUp(SourcePosition request);

    /**
     * What workers finish of these partitions, or have finished, from each watermark on. May block.
     *
     * @throws RuntimeException if that is not known now
     */
    Map<TopicPartition, List<HandoverRow>> above(Map<TopicPartition, Long> watermarks);

    /** The broker has these offsets: what is below is nobody's any more. Must not block. */
    void passed(Map<TopicPartition, Long> watermarks);

    /** From now on these are told what becomes of what others hold. Once. */
    void serve(HeldRequests held);

    /** Something is held now that was not before. Must not block. */
    void look();
}
