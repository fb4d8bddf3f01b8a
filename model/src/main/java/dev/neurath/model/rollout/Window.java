package dev.neurath.model.rollout;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * A time of the week in which a rollout may start VMs; what is in flight when it ends finishes.
 *
 * @param days on which it begins
 * @param from inclusive
 * @param to exclusive; not after {@code from} = on the next day
 */
public record Window(SortedSet<DayOfWeek> days, LocalTime from, LocalTime to, ZoneId zone) {
    public Window {
        days = Collections.unmodifiableSortedSet(new TreeSet<>(days));
    }

    public boolean contains(Instant instant) {
        ZonedDateTime now = instant.atZone(zone);
        LocalDate today = now.toLocalDate();
        return isIn(now, today) || isIn(now, today.minusDays(1));
    }

    /** @return true if something may start at {@code now}; without windows always */
    public static boolean isOpen(List<Window> windows, Instant now) {
        return windows.isEmpty() || windows.stream().anyMatch(window -> window.contains(now));
    }

    private boolean isIn(ZonedDateTime now, LocalDate begins) {
        if (!days.contains(begins.getDayOfWeek())) {
            return false;
        }
        LocalDate ends = to.isAfter(from) ? begins : begins.plusDays(1);
        // By instants, so that a day with a changed clock is still one window.
        return !now.isBefore(begins.atTime(from).atZone(zone))
                && now.isBefore(ends.atTime(to).atZone(zone));
    }
}
