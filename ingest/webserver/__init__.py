"""Pages, API and health in a process of their own: it may die, hang or grow too large, and the intake goes on."""
