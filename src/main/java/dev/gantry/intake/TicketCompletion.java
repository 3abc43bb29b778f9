package dev.gantry.intake;

import dev.gantry.worker.Completion;

import java.util.concurrent.atomic.AtomicBoolean;

/** Ends a ticket once, however often it is told. */
final class TicketCompletion implements Completion {
    private final Ticket ticket;
    private final AtomicBoolean ended = new AtomicBoolean();

    TicketCompletion(Ticket ticket) {
        this.ticket = ticket;
    }

    @Override
    public void safe() {
        if (ended.compareAndSet(false, true)) {
            ticket.partition().completed(ticket);
        }
    }

    @Override
    public void abandoned() {
        if (ended.compareAndSet(false, true)) {
            ticket.partition().abandoned();
        }
    }
}
