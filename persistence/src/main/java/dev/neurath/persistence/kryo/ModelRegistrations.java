package dev.neurath.persistence.kryo;

import dev.neurath.model.Actor;
import dev.neurath.model.FleetId;
import dev.neurath.model.Generation;
import dev.neurath.model.HostId;
import dev.neurath.model.Refusal;
import dev.neurath.model.ReleaseId;
import dev.neurath.model.RolloutId;
import dev.neurath.model.VmId;
import dev.neurath.model.vm.Adoption;
import dev.neurath.model.vm.Attempt;
import dev.neurath.model.vm.FactStamp;
import dev.neurath.model.vm.Health;
import dev.neurath.model.vm.Method;
import dev.neurath.model.vm.Outcome;
import dev.neurath.model.vm.Pause;
import dev.neurath.model.vm.QemuProcess;
import dev.neurath.model.vm.Rehearsal;
import dev.neurath.model.vm.Revision;
import dev.neurath.model.vm.VmCommand;
import dev.neurath.model.vm.VmEvent;
import dev.neurath.model.vm.VmFact;
import dev.neurath.model.vm.VmOrder;
import dev.neurath.model.vm.VmPhase;
import dev.neurath.model.vm.VmSpec;
import dev.neurath.model.vm.VmState;

/**
 * What VMs, hosts and rollouts say to each other about VMs, under the numbers 100 to 199. A number is for ever; what is new takes a free one.
 *
 * <p>Ranges of the others: 200 to 299 VM actors, 300 to 399 host actors, 400 to 499 coordinator, 500 to 599 the rest of the model.
 */
public final class ModelRegistrations implements KryoRegistration {
    @Override
    public void register(KryoIds ids) {
        // spotless:off
        ids.add(100, Actor.class)
                .add(101, FleetId.class)
                .add(102, Generation.class)
                .add(103, HostId.class)
                .add(104, ReleaseId.class)
                .add(105, RolloutId.class)
                .add(106, VmId.class)
                .add(107, Refusal.class)
                .add(110, Attempt.class)
                .add(111, FactStamp.class)
                .add(112, Health.class)
                .add(113, Method.class)
                .add(114, Outcome.Upgraded.class)
                .add(115, Outcome.AsItWas.class)
                .add(116, Outcome.Gone.class)
                .add(117, Outcome.Lost.class)
                .add(118, Outcome.GoneWithHost.class)
                .add(119, Outcome.DoubleRun.class)
                .add(120, Outcome.Footprint.class)
                .add(121, Pause.None.class)
                .add(122, Pause.Measured.class)
                .add(123, Pause.Unknown.class)
                .add(124, QemuProcess.class)
                .add(125, Revision.class)
                .add(126, VmPhase.class)
                .add(127, VmSpec.class)
                .add(128, VmSpec.Disk.class)
                .add(129, VmSpec.Nic.class)
                .add(130, VmSpec.Boot.class)
                .add(131, VmSpec.HealthProbe.Beat.class)
                .add(132, VmState.class)
                .add(133, Adoption.class)
                .add(134, Rehearsal.class)
                .add(135, VmCommand.FleetFrozen.class)
                .add(140, VmCommand.Start.class)
                .add(141, VmCommand.Stop.class)
                .add(142, VmCommand.Upgrade.class)
                .add(143, VmCommand.Hold.class)
                .add(144, VmCommand.Unhold.class)
                .add(145, VmCommand.Release.class)
                .add(146, VmCommand.DeclareHostDead.class)
                .add(147, VmCommand.Report.class)
                .add(148, VmCommand.DeadlinePassed.class)
                .add(149, VmCommand.Adopt.class)
                .add(150, VmEvent.StartOrdered.class)
                .add(151, VmEvent.Started.class)
                .add(152, VmEvent.StartFailed.class)
                .add(153, VmEvent.UpgradeBegun.class)
                .add(154, VmEvent.Prepared.class)
                .add(155, VmEvent.SwitchAuthorized.class)
                .add(156, VmEvent.UpgradeRefused.class)
                .add(157, VmEvent.HandedOver.class)
                .add(158, VmEvent.RolledBack.class)
                .add(159, VmEvent.AttemptClosed.class)
                .add(160, VmEvent.ContactLost.class)
                .add(161, VmEvent.Verified.class)
                .add(162, VmEvent.GuestSilent.class)
                .add(163, VmEvent.DoubleRunFound.class)
                .add(164, VmEvent.Ended.class)
                .add(165, VmEvent.Lost.class)
                .add(166, VmEvent.StopOrdered.class)
                .add(167, VmEvent.HoldPlaced.class)
                .add(168, VmEvent.HoldLifted.class)
                .add(169, VmEvent.Released.class)
                .add(170, VmEvent.HostDeclaredDead.class)
                .add(171, VmEvent.RevisionSeen.class)
                .add(172, VmEvent.AdoptOrdered.class)
                .add(180, VmFact.Started.class)
                .add(181, VmFact.StartFailed.class)
                .add(182, VmFact.Ready.class)
                .add(183, VmFact.Refused.class)
                .add(184, VmFact.Closed.class)
                .add(185, VmFact.Settling.class)
                .add(186, VmFact.Ended.class)
                .add(187, VmFact.HealthSeen.class)
                .add(188, VmFact.Exited.class)
                .add(189, VmFact.Inventory.class)
                .add(192, VmOrder.Start.class)
                .add(193, VmOrder.Stop.class)
                .add(194, VmOrder.Prepare.class)
                .add(195, VmOrder.Switch.class)
                .add(196, VmOrder.Resolve.class)
                .add(197, VmOrder.Adopt.class);
        // spotless:on
    }
}
