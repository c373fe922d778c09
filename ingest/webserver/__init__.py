"""Pages, API and health in a process of their own. If it dies, hangs or grows too large, the intake goes on."""
