package dev.neurath.codec;

import dev.neurath.model.vm.VmSpec;

/** A VM's description; a name that the owner left out is an empty string in protobuf. */
final class VmSpecCodec {
    private VmSpecCodec() {}

    static dev.neurath.proto.v1.VmSpec encode(VmSpec spec) {
        var out = dev.neurath.proto.v1.VmSpec.newBuilder()
                .setId(spec.id().value())
                .setRelease(spec.release().value())
                .setMachine(spec.machine())
                .setCpu(spec.cpu())
                .setAccel(spec.accel())
                .setVcpus(spec.vcpus())
                .setMemoryBytes(spec.memoryBytes())
                .setBoot(encode(spec.boot()))
                .addAllExtraArguments(spec.extraArguments())
                .putAllLabels(spec.labels())
                .setPauseBudget(Fields.encode(spec.pauseBudget()));
        spec.disks().forEach(disk -> out.addDisks(encode(disk)));
        spec.nics().forEach(nic -> out.addNics(encode(nic)));
        spec.health().forEach(probe -> out.addHealth(encode(probe)));
        return out.build();
    }

    static VmSpec decode(dev.neurath.proto.v1.VmSpec message) {
        Fields.require(message.hasBoot(), "VmSpec.boot");
        return new VmSpec(
                Fields.vm(message.getId(), "VmSpec.id"),
                Fields.release(message.getRelease(), "VmSpec.release"),
                message.getMachine(),
                message.getCpu(),
                message.getAccel(),
                message.getVcpus(),
                message.getMemoryBytes(),
                message.getDisksList().stream().map(VmSpecCodec::decode).toList(),
                message.getNicsList().stream().map(VmSpecCodec::decode).toList(),
                decode(message.getBoot()),
                message.getExtraArgumentsList(),
                message.getLabelsMap(),
                Fields.duration(message.hasPauseBudget(), message.getPauseBudget(), "VmSpec.pause_budget"),
                message.getHealthList().stream().map(VmSpecCodec::decode).toList());
    }

    private static dev.neurath.proto.v1.VmSpec.Disk encode(VmSpec.Disk disk) {
        return dev.neurath.proto.v1.VmSpec.Disk.newBuilder()
                .setId(disk.id())
                .setPath(disk.path())
                .setFormat(disk.format())
                .setReadOnly(disk.readOnly())
                .build();
    }

    private static VmSpec.Disk decode(dev.neurath.proto.v1.VmSpec.Disk message) {
        return new VmSpec.Disk(message.getId(), message.getPath(), message.getFormat(), message.getReadOnly());
    }

    private static dev.neurath.proto.v1.VmSpec.Nic encode(VmSpec.Nic nic) {
        return dev.neurath.proto.v1.VmSpec.Nic.newBuilder()
                .setId(nic.id())
                .setMac(nic.mac())
                .setTap(Fields.orEmpty(nic.tap()))
                .build();
    }

    private static VmSpec.Nic decode(dev.neurath.proto.v1.VmSpec.Nic message) {
        return new VmSpec.Nic(message.getId(), message.getMac(), Fields.nullable(message.getTap()));
    }

    private static dev.neurath.proto.v1.VmSpec.Boot encode(VmSpec.Boot boot) {
        return dev.neurath.proto.v1.VmSpec.Boot.newBuilder()
                .setKernel(Fields.orEmpty(boot.kernel()))
                .setInitrd(Fields.orEmpty(boot.initrd()))
                .setAppend(Fields.orEmpty(boot.append()))
                .setFirmware(Fields.orEmpty(boot.firmware()))
                .build();
    }

    private static VmSpec.Boot decode(dev.neurath.proto.v1.VmSpec.Boot message) {
        return new VmSpec.Boot(
                Fields.nullable(message.getKernel()),
                Fields.nullable(message.getInitrd()),
                Fields.nullable(message.getAppend()),
                Fields.nullable(message.getFirmware()));
    }

    private static dev.neurath.proto.v1.VmSpec.HealthProbe encode(VmSpec.HealthProbe probe) {
        var out = dev.neurath.proto.v1.VmSpec.HealthProbe.newBuilder();
        return switch (probe) {
            case VmSpec.HealthProbe.Beat beat ->
                out.setBeat(dev.neurath.proto.v1.VmSpec.HealthProbe.Beat.newBuilder()
                                .setFile(beat.file()))
                        .build();
        };
    }

    private static VmSpec.HealthProbe decode(dev.neurath.proto.v1.VmSpec.HealthProbe message) {
        return switch (message.getProbeCase()) {
            case BEAT -> new VmSpec.HealthProbe.Beat(message.getBeat().getFile());
            case PROBE_NOT_SET -> throw MalformedMessage.missing("VmSpec.HealthProbe.probe");
        };
    }
}
