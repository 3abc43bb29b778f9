package dev.gantry.intake;

import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourceRecord;
import dev.gantry.worker.Completion;
import dev.gantry.worker.RequestHandler;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** One ticket's whole work: decode, then hand on. */
final class RequestJob implements Consumer<Ticket> {
    private static final Logger log = LoggerFactory.getLogger(RequestJob.class);

    private final RequestDecoder decoder;
    private final RequestHandler handler;

    RequestJob(RequestDecoder decoder, RequestHandler handler) {
        this.decoder = decoder;
        this.handler = handler;
    }

    @Override
    public void accept(Ticket ticket) {
        Completion once = new TicketCompletion(ticket);
        try {
            work(ticket, once);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            once.abandoned();
        } catch (Throwable bug) {
            log.atError().addKeyValue("record", ticket).setCause(bug).log("request not worked");
            setAside(ticket, once);
        }
    }

    private void work(Ticket ticket, Completion once) throws InterruptedException {
        switch (decode(ticket)) {
            case Decoded.Valid(var request) -> {
                ticket.flight().identified(request.id());
                handler.work(request, ticket.flight(), once);
            }
            case Decoded.Invalid(var message, var customId, var batchId) -> {
                FailureCode code = FailureCode.INVALID_REQUEST;
                handler.reject(rejection(ticket, code, message, customId, batchId), once);
            }
        }
    }

    /**
     * A bug of ours, or no memory left. Kept, the record would hold its partition's watermark for
     * ever and run again after every restart; so it ends like one that cannot be used.
     */
    private void setAside(Ticket ticket, Completion once) {
        try {
            Addressee sender = Addressee.of(ticket.record());
            handler.reject(
                    rejection(
                            ticket,
                            FailureCode.INTERNAL_ERROR,
                            "internal error",
                            sender.customId(),
                            sender.batchId()),
                    once);
        } catch (Throwable bug) {
            log.atError().addKeyValue("record", ticket).setCause(bug).log("record not set aside");
            once.abandoned();
        }
    }

    private static Rejection rejection(
            Ticket ticket,
            FailureCode code,
            String message,
            @Nullable String customId,
            @Nullable String batchId) {
        return new Rejection(source(ticket.record()), code, message, customId, batchId);
    }

    private Decoded decode(Ticket ticket) {
        try {
            return decoder.decode(ticket.record());
        } catch (RuntimeException e) {
            // A bug of ours: the record is set aside as unreadable, so that its partition moves on.
            log.atError().addKeyValue("record", ticket).setCause(e).log("record not decoded");
            return new Decoded.Invalid("value: cannot be read: internal error", null, null);
        }
    }

    /** Ends a ticket once, however often it is told. */
    private static final class TicketCompletion implements Completion {
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

    private static SourceRecord source(ConsumerRecord<byte[], byte[]> record) {
        List<SourceRecord.Header> headers = new ArrayList<>();
        record.headers()
                .forEach(
                        header ->
                                headers.add(new SourceRecord.Header(header.key(), header.value())));
        return new SourceRecord(
                RequestDecoder.position(record), record.key(), record.value(), headers);
    }
}
