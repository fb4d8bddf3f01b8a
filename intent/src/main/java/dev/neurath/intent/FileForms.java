package dev.neurath.intent;

/**
 * The files that people write, with every field, as {@code --help} shows them. In the words of a format: a percent sign is doubled.
 */
public final class FileForms {
    /** Only apiVersion, kind, metadata.name and release.qemu must be there. */
    public static final String ROLLOUT = """
            apiVersion: neurath/v1
            kind: Rollout
            metadata: { name: qemu-11, labels: { change: CHG-4711 } }
            release:  { qemu: qemu-11.1.3 }             # id of a release, or a version that only one has
            select:   { hosts: "rack in (a,b)", vms: "tier != pinned" }
            method:   { prefer: [hand-over], otherwise: skip, wayBack: required,
                        rehearsal: when-clone-refused, hops: 3 }   # off | when-clone-refused | always
            waves:
              - { name: canary, hosts: 1%%, bake: 30m, promote: manual }
              - { hosts: rest, size: 100, bake: 10m }
            limits:   { vmsInFlight: 100, hostsBusy: 20, perHost: 2, perRack: 1, perZone: 50,
                        pause: 200ms, failures: 5, quarantined: 10, overPause: never }
            windows:  [ { days: mon-fri, from: "09:00", to: "17:00", zone: Europe/Amsterdam } ]
            onLimit:  pause                             # pause | abort | revert""";

    /** apiVersion, kind, id, release, machine and memory must be there. */
    public static final String VM = """
            apiVersion: neurath/v1
            kind: VirtualMachine
            id: web-1
            release: qemu-10.0.2
            machine: pc-q35-10.0                  # a versioned one
            cpu: qemu64
            accel: tcg                            # or kvm
            vcpus: 1
            memory: 256M                          # K, M, G, T; a multiple of 2M
            disks: [ { id: root, path: /var/lib/vms/web-1.qcow2, format: qcow2, readOnly: false } ]
            nics:  [ { id: net0, mac: "52:54:00:12:34:56" } ]              # on QEMU's user network
            kernel: /boot/vmlinuz                 # with initrd and append; or firmware: FILE; or none of it
            initrd: /boot/initrd.img
            append: "console=ttyS0"
            extraArguments: [ "-serial", "file:/var/log/web-1" ]
            labels: { tier: web }
            pauseBudget: 500ms
            health: [ { beat: /run/neurath/web-1.beat } ]""";

    private FileForms() {}
}
