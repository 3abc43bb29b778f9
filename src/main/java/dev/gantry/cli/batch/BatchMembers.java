package dev.gantry.cli.batch;

import dev.gantry.cli.result.BatchId;
import dev.gantry.cli.result.BatchProof;
import dev.gantry.cli.result.ExpectedIds;
import dev.gantry.request.ReplyAddress;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;

/**
 * Who is in a batch, by the requests topic. A batch id is claimed by whoever writes it: a receipt
 * of submit is believed before the mark that its records carry, and the mark before a mere claim.
 */
public final class BatchMembers {
    private final BatchId batch;
    private final byte[] id;
    private final List<Receipt> receipts;
    // Run of submit to how many requests it set out to send.
    private final Map<String, Long> runs = new HashMap<>();
    private final Side sent = new Side();
    private final Side claimed = new Side();
    private @Nullable BatchProof settled;

    BatchMembers(BatchId batch, List<Receipt> receipts) {
        this.batch = batch;
        this.id = batch.value().getBytes(StandardCharsets.US_ASCII);
        this.receipts = List.copyOf(receipts);
    }

    /** Requests of one degree of trust. */
    private static final class Side {
        private static final int NAMED = 10;

        private final ExpectedIds expectedIds = new ExpectedIds();
        private final Queue<ExpectedIds.Place> unnamed = new ArrayDeque<>();
        // The first few of each.
        private final List<String> named = new ArrayList<>();
        private final List<String> doubled = new ArrayList<>();
        private long records;
        private long doubles;

        void take(ConsumerRecord<?, ?> request, ReplyAddress sender) {
            records++;
            var place =
                    new ExpectedIds.Place(
                            request.partition(), request.offset(), request.timestamp());
            String customId = sender.customId();
            if (customId == null) {
                unnamed.add(place);
            } else if (expectedIds.expect(customId, place)) {
                note(customId, named);
            } else {
                doubles++;
                note(customId, doubled);
            }
        }

        private static void note(String customId, List<String> ids) {
            if (ids.size() < NAMED && !ids.contains(customId)) {
                ids.add(customId);
            }
        }
    }

    /** Takes a record of the requests topic; whether it is believed to be of this batch. */
    boolean take(ConsumerRecord<byte[], byte[]> request) {
        byte[] value = request.value();
        if (!batch.value().equals(header(request)) && (value == null || !holds(value, id))) {
            return false;
        }
        ReplyAddress sender = ReplyAddress.of(request);
        if (!batch.value().equals(sender.batchId())) {
            return false;
        }
        Side side = isSent(request) ? sent : claimed;
        side.take(request, sender);
        return side == believed();
    }

    private boolean isSent(ConsumerRecord<?, ?> request) {
        if (!receipts.isEmpty()) {
            return receipts.stream().anyMatch(receipt -> receipt.holds(request));
        }
        SendMark mark = settled == BatchProof.CLAIM ? null : SendMark.of(request);
        if (mark != null && settled == null) {
            runs.put(mark.run(), mark.requests());
        }
        return mark != null && runs.containsKey(mark.run());
    }

    /** The requests topic has been read: what makes a request the batch's changes no more. */
    void settle() {
        settled = proof();
    }

    BatchProof proof() {
        if (settled != null) {
            return settled;
        }
        if (!receipts.isEmpty()) {
            return BatchProof.RECEIPT;
        }
        return sent.records > 0 ? BatchProof.MARK : BatchProof.CLAIM;
    }

    private Side believed() {
        return proof() == BatchProof.CLAIM ? claimed : sent;
    }

    ExpectedIds expectedIds() {
        return believed().expectedIds;
    }

    /** The next request that nobody can name and nobody will answer, null if there is none. */
    ExpectedIds.@Nullable Place pollUnnamed() {
        return believed().unnamed.poll();
    }

    /** How many came after another with their id. */
    long doubles() {
        return believed().doubles;
    }

    /** The first few ids that were sent more than once, by others too. */
    List<String> doubled() {
        Set<String> ids = new LinkedHashSet<>(believed().doubled);
        if (proof() != BatchProof.CLAIM) {
            claimed.named.stream().filter(sent.expectedIds::expects).forEach(ids::add);
        }
        return List.copyOf(ids);
    }

    /** Requests that claim the batch id while its own are known. */
    long others() {
        return proof() == BatchProof.CLAIM ? 0 : claimed.records;
    }

    /** Requests that are known to have been meant for the topic and are not on it. */
    long missing() {
        long announced =
                receipts.isEmpty()
                        ? runs.values().stream().mapToLong(Long::longValue).sum()
                        : receipts.stream().mapToLong(Receipt::requests).sum();
        return Math.max(0, announced - sent.records);
    }

    private static String header(ConsumerRecord<?, ?> request) {
        Header header = request.headers().lastHeader(Sender.BATCH_HEADER);
        return header == null || header.value() == null
                ? ""
                : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static boolean holds(byte[] text, byte[] part) {
        for (int i = 0; i <= text.length - part.length; i++) {
            if (text[i] == part[0]
                    && Arrays.equals(text, i, i + part.length, part, 0, part.length)) {
                return true;
            }
        }
        return false;
    }
}
