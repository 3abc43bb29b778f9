package dev.gantry.secret;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.encoder.EncoderBase;

import org.jspecify.annotations.Nullable;

/** Writes as another encoder does, but what it is given holds no secrets. */
final class ScrubbingEncoder extends EncoderBase<ILoggingEvent> {
    private final Encoder<ILoggingEvent> encoder;

    /** Learnt at the start; null where there is none. */
    private @Nullable LineTemplate template;

    ScrubbingEncoder(Encoder<ILoggingEvent> encoder) {
        this.encoder = encoder;
    }

    @Override
    public byte[] headerBytes() {
        return encoder.headerBytes();
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        byte[] line = template == null ? null : template.line(event);
        return line == null ? encoder.encode(ScrubbedEvent.of(event)) : line;
    }

    @Override
    public byte[] footerBytes() {
        return encoder.footerBytes();
    }

    @Override
    public void start() {
        encoder.start();
        template = LineTemplate.of(encoder);
        super.start();
    }

    @Override
    public void stop() {
        super.stop();
        encoder.stop();
    }
}
