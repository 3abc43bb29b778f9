package dev.gantry.provider.http;

import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.MalformedChunkCodingException;
import org.apache.hc.core5.http.NoHttpResponseException;

import java.io.EOFException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Objects;
import java.util.zip.ZipException;

import javax.net.ssl.SSLException;

/** Words for what went wrong. Library messages may quote headers, so only known ones pass. */
final class HttpWording {
    private static final int LONGEST = 500;

    private HttpWording() {}

    static String of(Exception failure) {
        return clip(
                switch (failure) {
                    case NoHttpResponseException _ -> "closed without an answer";
                    case MalformedChunkCodingException _ -> "broken or truncated chunk";
                    case ZipException _ -> "broken compression";
                    case EOFException _ -> "compressed answer ends early";
                    case HttpException _ -> "malformed HTTP answer";
                    case ConnectionClosedException e -> told(e);
                    case SocketException e -> told(e);
                    case SocketTimeoutException e -> told(e);
                    case SSLException e -> told(e);
                    default -> failure.getClass().getSimpleName();
                });
    }

    static String clip(String text) {
        String line = text.replaceAll("\\p{Cntrl}", " ");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST);
    }

    /** A protocol's word as it may stand in a message; anything longer or stranger is no word. */
    static String token(String word) {
        return word.matches("[A-Za-z0-9._-]{1,32}") ? word : "?";
    }

    private static String told(Exception failure) {
        return Objects.requireNonNullElse(failure.getMessage(), failure.getClass().getSimpleName());
    }
}
