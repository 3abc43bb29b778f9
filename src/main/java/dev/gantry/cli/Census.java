package dev.gantry.cli;

import dev.gantry.intake.Addressee;

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
final class Census {
    private final BatchId batch;
    private final byte[] id;
    private final List<Receipt> receipts;
    // Run of submit to how many requests it set out to send.
    private final Map<String, Long> runs = new HashMap<>();
    private final Side sent = new Side();
    private final Side claimed = new Side();
    private @Nullable Proof settled;

    Census(BatchId batch, List<Receipt> receipts) {
        this.batch = batch;
        this.id = batch.value().getBytes(StandardCharsets.US_ASCII);
        this.receipts = List.copyOf(receipts);
    }

    /** Why requests are taken for the batch's. */
    enum Proof {
        RECEIPT,
        MARK,
        CLAIM
    }

    /** Requests of one degree of trust. */
    private static final class Side {
        private static final int NAMED = 10;

        private final Roll roll = new Roll();
        private final Queue<Roll.Place> unnamed = new ArrayDeque<>();
        // The first few of each.
        private final List<String> named = new ArrayList<>();
        private final List<String> doubled = new ArrayList<>();
        private long records;
        private long doubles;

        void take(ConsumerRecord<?, ?> request, Addressee sender) {
            records++;
            var place = new Roll.Place(request.partition(), request.offset(), request.timestamp());
            String customId = sender.customId();
            if (customId == null) {
                unnamed.add(place);
            } else if (roll.expect(customId, place)) {
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
        Addressee sender = Addressee.of(request);
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
        SendMark mark = settled == Proof.CLAIM ? null : SendMark.of(request);
        if (mark != null && settled == null) {
            runs.put(mark.run(), mark.requests());
        }
        return mark != null && runs.containsKey(mark.run());
    }

    /** The requests topic has been read: what makes a request the batch's changes no more. */
    void settle() {
        settled = proof();
    }

    Proof proof() {
        if (settled != null) {
            return settled;
        }
        if (!receipts.isEmpty()) {
            return Proof.RECEIPT;
        }
        return sent.records > 0 ? Proof.MARK : Proof.CLAIM;
    }

    private Side believed() {
        return proof() == Proof.CLAIM ? claimed : sent;
    }

    Roll roll() {
        return believed().roll;
    }

    /** The next request that nobody can name and nobody will answer, null if there is none. */
    Roll.@Nullable Place pollUnnamed() {
        return believed().unnamed.poll();
    }

    /** How many came after another with their id. */
    long doubles() {
        return believed().doubles;
    }

    /** The first few ids that were sent more than once, by others too. */
    List<String> doubled() {
        Set<String> ids = new LinkedHashSet<>(believed().doubled);
        if (proof() != Proof.CLAIM) {
            claimed.named.stream().filter(sent.roll::expects).forEach(ids::add);
        }
        return List.copyOf(ids);
    }

    /** Requests that claim the batch id while its own are known. */
    long others() {
        return proof() == Proof.CLAIM ? 0 : claimed.records;
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
