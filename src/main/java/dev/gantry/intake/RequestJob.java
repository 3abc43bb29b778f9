package dev.gantry.intake;

import dev.gantry.inference.FailureCode;
import dev.gantry.inference.Rejection;
import dev.gantry.inference.SourceRecord;
import dev.gantry.worker.Completion;
import dev.gantry.worker.RequestHandler;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.util.ArrayList;
import java.util.List;
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
        try {
            work(ticket);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            ticket.partition().abandoned();
        } catch (RuntimeException e) {
            // A bug of ours. The record stays undone and shows as the oldest one; nobody else waits
            // for it.
            log.atError().addKeyValue("record", ticket).setCause(e).log("request not worked");
            ticket.partition().abandoned();
        }
    }

    private void work(Ticket ticket) throws InterruptedException {
        switch (decode(ticket)) {
            case Decoded.Valid(var request) -> {
                ticket.flight().identified(request.id());
                handler.work(request, ticket.flight(), completion(ticket));
            }
            case Decoded.Invalid(var message, var customId, var batchId) ->
                    handler.reject(
                            new Rejection(
                                    source(ticket.record()),
                                    FailureCode.INVALID_REQUEST,
                                    message,
                                    customId,
                                    batchId),
                            completion(ticket));
        }
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

    private static Completion completion(Ticket ticket) {
        return new Completion() {
            @Override
            public void safe() {
                ticket.partition().completed(ticket);
            }

            @Override
            public void abandoned() {
                ticket.partition().abandoned();
            }
        };
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
