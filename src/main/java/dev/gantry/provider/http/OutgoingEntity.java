package dev.gantry.provider.http;

import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.AbstractHttpEntity;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** An outgoing body in the library's terms; it is written, never read. */
final class OutgoingEntity extends AbstractHttpEntity {
    private final Outgoing.Body body;

    OutgoingEntity(Outgoing.Body body) {
        super((ContentType) null, null, false);
        this.body = body;
    }

    @Override
    public long getContentLength() {
        return body.length();
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        body.writeTo(out);
    }

    @Override
    public InputStream getContent() {
        throw new UnsupportedOperationException("an outgoing body is not read");
    }

    @Override
    public boolean isStreaming() {
        return true;
    }

    @Override
    public void close() {}
}
