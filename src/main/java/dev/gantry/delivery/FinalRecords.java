package dev.gantry.delivery;

import dev.gantry.event.Envelope;
import dev.gantry.event.Outbound;
import dev.gantry.outbox.PendingAcks;
import dev.gantry.outbox.Publisher;

import java.util.ArrayList;
import java.util.List;

/**
 * A request's last records. All are counted and the count of acks is sealed before the first of
 * them leaves: whoever makes the last one safe can see that the request is complete with it.
 */
final class FinalRecords {
    private final Publisher publisher;
    private final PendingAcks acks;
    private final List<Leaving> records = new ArrayList<>(4);

    private record Leaving(Outbound outbound, Runnable onSafe, boolean tooLarge) {}

    FinalRecords(Publisher publisher, PendingAcks acks) {
        this.publisher = publisher;
        this.acks = acks;
    }

    Envelope envelope() {
        return acks.envelope();
    }

    void add(Outbound outbound) {
        records.add(new Leaving(outbound, acks.expect(), false));
    }

    /** One that the broker would not take: what is sent instead follows when it is there. */
    void addTooLarge(Outbound outbound) {
        records.add(new Leaving(outbound, acks.expect(), true));
    }

    void leave() {
        acks.seal();
        records.forEach(this::send);
    }

    private void send(Leaving each) {
        if (each.tooLarge()) {
            publisher.sendSmaller(each.outbound(), each.onSafe(), acks);
        } else {
            publisher.send(each.outbound(), each.onSafe(), acks);
        }
    }
}
