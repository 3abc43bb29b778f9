package dev.gantry.observe;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.util.List;

class AllowedHostsTest {
    private static final AllowedHosts HOSTS =
            new AllowedHosts(List.of("Gantry.Example.com", "*.svc.cluster.local", "worker"));

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost",
                "localhost:8081",
                "LOCALHOST.:8081",
                "app.localhost",
                "127.0.0.1",
                "127.0.0.1:8081",
                "10.1.2.3:8081",
                "[::1]",
                "[::1]:8081",
                "[fe80::1%eth0]:8081",
                "[::ffff:10.0.0.1]:8081",
                "gantry.example.com:8081",
                "worker:8081",
                "gantry.ns.svc.cluster.local:8081",
                " "
            })
    void namesThatCannotBeReboundAreAllowed(String host) {
        assertThat(HOSTS.allow(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "evil.example",
                "evil.example:8081",
                "localhost.evil.example",
                "127.0.0.1.evil.example",
                "127.0.0.1.nip.io:8081",
                "x.gantry.example.com",
                "svc.cluster.local.evil",
                "notlocalhost",
                "svc.cluster.local",
                "[::1].evil.example",
                "evil",
                "localhost:8081:evil",
                "127.0.0.1@evil.example"
            })
    void anyOtherNameIsNot(String host) {
        assertThat(HOSTS.allow(host)).isFalse();
    }

    @Test
    void aClientThatNamesNobodyIsNoBrowser() {
        assertThat(HOSTS.allow(null)).isTrue();
    }
}
