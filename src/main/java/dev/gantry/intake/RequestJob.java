package dev.gantry.intake;

import dev.gantry.inference.FailureCode;
import dev.gantry.inference.InferenceRequest;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourceRecord;
import dev.gantry.intake.Ticket.Waiting;
import dev.gantry.memory.Exhaustion;
import dev.gantry.worker.Parked;
import dev.gantry.worker.RequestHandler;
import dev.gantry.worker.Stage;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;

/** One ticket's whole work: decode, hand on, and take up again what had to wait. */
final class RequestJob implements Dispatcher.Work {
    private static final Logger log = LoggerFactory.getLogger(RequestJob.class);

    private final RequestDecoder decoder;
    private final RequestHandler handler;
    private final RecordReader records;
    private final Parking parking;

    /** Where a ticket goes whose request has to wait. */
    interface Parking {
        /** Whether what waits is to leave its body on the broker. */
        boolean lean();

        void park(Ticket ticket, Waiting waiting);
    }

    RequestJob(
            RequestDecoder decoder, RequestHandler handler, RecordReader records, Parking parking) {
        this.decoder = decoder;
        this.handler = handler;
        this.records = records;
        this.parking = parking;
    }

    @Override
    public void begin(Ticket ticket) {
        ConsumerRecord<byte[], byte[]> record = ticket.record();
        if (record == null) {
            throw new IllegalStateException(ticket + " begins without its record");
        }
        var once = new TicketCompletion(ticket);
        try {
            work(ticket, record, once);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            once.abandoned();
        } catch (Throwable bug) {
            Exhaustion.check(bug);
            log.atError().addKeyValue("record", ticket).setCause(bug).log("request not worked");
            setAside(ticket, record, once);
        }
    }

    /** The wait is over; the record is read again if it was left on the broker. */
    @Override
    public void resume(Ticket ticket, Waiting waiting) {
        TicketCompletion once = waiting.completion();
        ConsumerRecord<byte[], byte[]> record = null;
        try {
            InferenceRequest request = waiting.request();
            if (request == null) {
                record = readAgain(ticket);
                request = decodedAgain(record, waiting.head());
            }
            Stage stage = handler.resume(request, waiting.parked(), ticket.flight(), once);
            settle(ticket, request, stage, once);
        } catch (RecordGone gone) {
            waiting.parked().leave();
            handler.reject(
                    waiting.head().rejection("the waiting record: " + gone.getMessage()), once);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            waiting.parked().leave();
            once.abandoned();
        } catch (Throwable bug) {
            Exhaustion.check(bug);
            log.atError().addKeyValue("record", ticket).setCause(bug).log("request not resumed");
            waiting.parked().leave();
            setAside(ticket, waiting, record, once);
        }
    }

    private void work(Ticket ticket, ConsumerRecord<byte[], byte[]> record, TicketCompletion once)
            throws InterruptedException {
        if (record instanceof UnreadableRecord unreadable) {
            handler.reject(unreadable.rejection(), once);
            return;
        }
        switch (decode(ticket, record)) {
            case Decoded.Valid(var request) -> {
                ticket.flight().identified(request.id());
                settle(ticket, request, handler.work(request, ticket.flight(), once), once);
            }
            case Decoded.Invalid(var message, var customId, var batchId) ->
                    handler.reject(
                            new Rejection(
                                    source(record),
                                    FailureCode.INVALID_REQUEST,
                                    message,
                                    customId,
                                    batchId),
                            once);
        }
    }

    private void settle(
            Ticket ticket, InferenceRequest request, Stage stage, TicketCompletion once) {
        switch (stage) {
            case Stage.Done _ -> {}
            case Parked parked -> {
                InferenceRequest kept = parking.lean() ? null : request;
                parking.park(ticket, new Waiting(parked, Head.of(request), kept, once));
            }
        }
    }

    /** A partition that is taken away meanwhile wants nothing of it any more. */
    private ConsumerRecord<byte[], byte[]> readAgain(Ticket ticket)
            throws InterruptedException, RecordGone {
        Thread self = Thread.currentThread();
        try (var _ = ticket.flight().cancellation().onCancel(self::interrupt)) {
            ConsumerRecord<byte[], byte[]> record =
                    records.read(ticket.partition().partition(), ticket.offset());
            ticket.partition().reread(ticket, record);
            return record;
        }
    }

    private InferenceRequest decodedAgain(ConsumerRecord<byte[], byte[]> record, Head head)
            throws RecordGone {
        return switch (decoder.decode(record)) {
            case Decoded.Valid(var request) when head.isOf(request) -> head.restore(request);
            case Decoded.Valid _, Decoded.Invalid _ -> throw RecordGone.replaced(head.source());
        };
    }

    /**
     * A bug of ours, or no memory left. Kept, the record would hold its partition's watermark for
     * ever and run again after every restart; so it ends like one that cannot be used.
     */
    private void setAside(
            Ticket ticket, ConsumerRecord<byte[], byte[]> record, TicketCompletion once) {
        try {
            Addressee sender = Addressee.of(record);
            handler.reject(
                    new Rejection(
                            source(record),
                            FailureCode.INTERNAL_ERROR,
                            "internal error",
                            sender.customId(),
                            sender.batchId()),
                    once);
        } catch (Throwable bug) {
            Exhaustion.check(bug);
            notSetAside(ticket, bug, once);
        }
    }

    /** With whatever is at hand of the record: the sender gets an answer in any case. */
    private void setAside(
            Ticket ticket,
            Waiting waiting,
            @Nullable ConsumerRecord<byte[], byte[]> record,
            TicketCompletion once) {
        ConsumerRecord<byte[], byte[]> held = record != null ? record : ticket.record();
        if (held != null) {
            setAside(ticket, held, once);
            return;
        }
        try {
            handler.reject(waiting.head().rejection("internal error"), once);
        } catch (Throwable bug) {
            Exhaustion.check(bug);
            notSetAside(ticket, bug, once);
        }
    }

    private static void notSetAside(Ticket ticket, Throwable bug, TicketCompletion once) {
        log.atError().addKeyValue("record", ticket).setCause(bug).log("record not set aside");
        once.abandoned();
    }

    private Decoded decode(Ticket ticket, ConsumerRecord<byte[], byte[]> record) {
        try {
            return decoder.decode(record);
        } catch (RuntimeException e) {
            // A bug of ours: the record is set aside as unreadable, so that its partition moves on.
            log.atError().addKeyValue("record", ticket).setCause(e).log("record not decoded");
            return Addressee.of(record).invalid("value: cannot be read: internal error");
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
