package dev.gantry.benchmark.http;

import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.apache.hc.core5.pool.PoolConcurrencyPolicy;
import org.apache.hc.core5.util.TimeValue;

import java.io.IOException;

/** Apache HttpClient 5 classic with everything switched off that can be. */
final class ApacheContender implements Contender {
    private final CloseableHttpClient client =
            HttpClients.custom()
                    .setConnectionManager(
                            PoolingHttpClientConnectionManagerBuilder.create()
                                    .setPoolConcurrencyPolicy(PoolConcurrencyPolicy.LAX)
                                    .setMaxConnTotal(100_000)
                                    .setMaxConnPerRoute(100_000)
                                    .setDefaultConnectionConfig(
                                            ConnectionConfig.custom()
                                                    .setValidateAfterInactivity(
                                                            TimeValue.ofSeconds(2))
                                                    .build())
                                    .build())
                    .disableAutomaticRetries()
                    .disableRedirectHandling()
                    .disableCookieManagement()
                    .disableAuthCaching()
                    .disableContentCompression()
                    .disableDefaultUserAgent()
                    .build();
    private final HttpHost host;

    ApacheContender(int port) {
        host = new HttpHost("http", "127.0.0.1", port);
    }

    @Override
    public String name() {
        return "Apache HttpClient 5";
    }

    @Override
    public int call(byte[] body) throws IOException {
        HttpPost post = new HttpPost("/v1/chat/completions");
        post.setHeader("content-type", "application/json");
        post.setHeader("accept", "application/json");
        post.setHeader("authorization", "Bearer key");
        post.setHeader("x-client-request-id", "attempt~1");
        post.setEntity(new ByteArrayEntity(body, null));
        return client.execute(
                host, post, answer -> EntityUtils.toByteArray(answer.getEntity()).length);
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
