package dev.gantry.delivery;

import java.util.ArrayList;
import java.util.List;

/**
 * A request's last records. All are counted and the receipt is sealed before the first of them
 * leaves: whoever makes the last one safe can see that the request is complete with it.
 */
final class Parting {
    private final Publisher publisher;
    private final Receipt receipt;
    private final List<Leaving> records = new ArrayList<>(4);

    private record Leaving(Outbound outbound, Runnable onSafe, boolean tooLarge) {}

    Parting(Publisher publisher, Receipt receipt) {
        this.publisher = publisher;
        this.receipt = receipt;
    }

    Envelope envelope() {
        return receipt.envelope();
    }

    void add(Outbound outbound) {
        records.add(new Leaving(outbound, receipt.expect(), false));
    }

    /** One that the broker would not take: what is sent instead follows when it is there. */
    void addTooLarge(Outbound outbound) {
        records.add(new Leaving(outbound, receipt.expect(), true));
    }

    void leave() {
        receipt.seal();
        records.forEach(this::send);
    }

    private void send(Leaving each) {
        if (each.tooLarge()) {
            publisher.sendSmaller(each.outbound(), each.onSafe(), receipt);
        } else {
            publisher.send(each.outbound(), each.onSafe(), receipt);
        }
    }
}
