package dev.gantry.chaos;

import dev.gantry.testbed.DurableBroker;

import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;

/** What clients of a broker may do; everything that was not denied. */
final class Permissions implements AutoCloseable {
    /** Settings of a broker that asks for permissions. */
    static final String[] BROKER = {
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found=true"
    };

    private final Admin admin;

    Permissions(DurableBroker broker) {
        this.admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    void deny(ResourceType type, String name, AclOperation operation)
            throws ExecutionException, InterruptedException {
        admin.createAcls(List.of(denial(type, name, operation))).all().get();
    }

    void allow(ResourceType type, String name, AclOperation operation)
            throws ExecutionException, InterruptedException {
        admin.deleteAcls(List.of(denial(type, name, operation).toFilter())).all().get();
    }

    private static AclBinding denial(ResourceType type, String name, AclOperation operation) {
        return new AclBinding(
                new ResourcePattern(type, name, PatternType.LITERAL),
                new AccessControlEntry("User:ANONYMOUS", "*", operation, AclPermissionType.DENY));
    }

    @Override
    public void close() {
        admin.close();
    }
}
